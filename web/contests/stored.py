"""The stored files and the rows that name them, compared part by part, some in each sweep.

A file that no row names is noted (see nameless.py). A row whose file is gone is flagged; what was
made from an original that is still there is made again, once. A contest's image is not looked for:
whoever organizes it sees that it is gone, and nobody else can bring it back.
"""

import logging
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from backends import storage
from contests import nameless, placing, reconverting
from contests.models import Nameless, Rendition, SweepLock, Upload

logger = logging.getLogger(__name__)

EVERY = timedelta(hours=1)  # a round begins
PART = 1000  # files a sweep
_MOST_GONE = 100  # files, each of which is asked for once more
PREFIXES = tuple(
    f"{start}{prefix}/"
    for start in ("", storage.PRIVATE)
    for prefix in (storage.SOURCES, *storage.PUBLIC)
)
_NEXT = dict(zip(PREFIXES, (*PREFIXES[1:], ""), strict=True))


def compare() -> int:
    """Compare the next part of the storage's list; return how many files are now known to be gone.

    Raises storage.Unavailable; then the next sweep begins where this one did.
    """
    start = _start()
    if not start:
        return 0
    prefix = next(each for each in PREFIXES if start.startswith(each))
    listed = set(storage.listing(prefix, start, PART))
    end = max(listed) if len(listed) == PART else ""
    gone = _unlisted(prefix, start, end, listed)
    if len(gone) == _MOST_GONE:  # more than one sweep's work
        end = gone[-1].key
        listed = {key for key in listed if key <= end}
    # First, so that what goes wrong from here on is left to the next round and stops nothing.
    if not _go_on(start, end or _NEXT[prefix]):
        return 0
    _named_below(prefix).filter(key__in=listed, missing_since__isnull=False).update(
        missing_since=None
    )
    placing.mark_misplaced(listed)
    nameless.note(_part(Nameless.objects.all(), prefix, start, end), listed)
    if not (end or _NEXT[prefix]) and nameless.too_many():
        logger.error("too many stored files are nameless to be deleted unasked")
    return sum(_flag(prefix, row) for row in gone)


def _start() -> str:
    """Where to go on; "" when the next round is not due yet."""
    lock = SweepLock.objects.filter(pk=1)
    due = Q(listing_began=None) | Q(listing_began__lte=Now() - EVERY)
    lock.filter(due, listed_to="").update(listed_to=PREFIXES[0], listing_began=Now())
    return lock.values_list("listed_to", flat=True).get()


def _go_on(start: str, end: str) -> bool:
    """Note that all is done up to `end`. False: another sweeper was here, too."""
    return bool(SweepLock.objects.filter(pk=1, listed_to=start).update(listed_to=end))


def _named_below(prefix: str) -> QuerySet[Any]:
    """All rows that name a file below a prefix which must be there."""
    if prefix.removeprefix(storage.PRIVATE) == f"{storage.SOURCES}/":
        sources = Upload.objects.select_related("entry")
        there = Q(entry__withdrawn_at=None, entry__erased_at=None)
        return sources.filter(there, entry__isnull=False)
    files = Rendition.objects.select_related("conversion__entry__upload")
    return files.filter(conversion__published_as__isnull=False)


def _unlisted(prefix: str, start: str, end: str, listed: Collection[str]) -> list[Any]:
    """Return rows whose keys should have been in this part of the list, in the keys' order.

    The database may compare a key that is not ours otherwise than the storage does. Then these are
    too few, or too many; each is asked for once more.
    """
    rows = _part(_named_below(prefix).filter(missing_since=None), prefix, start, end)
    return list(rows.exclude(key__in=listed).order_by("key")[:_MOST_GONE])


def _part(rows: QuerySet[Any], prefix: str, start: str, end: str) -> QuerySet[Any]:
    """Those whose keys lie in a part of the list: behind `start`, up to `end` unless that is ""."""
    rows = rows.filter(key__startswith=prefix, key__gt=start)
    return rows.filter(key__lte=end) if end else rows


def _flag(prefix: str, row: Any) -> bool:
    """Flag a row whose file is really gone, and have it made again if that can be done."""
    try:
        storage.size(row.key)
        return False
    except FileNotFoundError:
        pass
    # Read again, now that it is gone: whose entry was withdrawn or deleted, or whose file
    # has moved, lost it on purpose.
    row = _named_below(prefix).filter(pk=row.pk, key=row.key).first()
    if row is None:
        return False
    if isinstance(row, Upload):
        logger.error("entry %s: its original is gone", row.entry.pk)
    else:
        entry = row.conversion.entry
        again = reconverting.reconvert(entry)
        logger.error("entry %s: its %s is gone; to be made again: %s", entry.pk, row.kind, again)
    return bool(type(row).objects.filter(pk=row.pk, missing_since=None).update(missing_since=Now()))
