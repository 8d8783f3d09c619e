"""The stored files and the rows that name them, compared part by part, some in each sweep.

A file that no row names is deleted after a day. A row whose file is gone is flagged; what was made
from an original that is still there is made again, once.
"""

import logging
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from backends import storage
from backends.models import Undeleted
from contests import reconverting
from contests.models import Contest, Rendition, SweepLock, Upload

logger = logging.getLogger(__name__)

GRACE = timedelta(hours=24)  # whoever writes a file names it within minutes
EVERY = timedelta(hours=1)  # a round begins
PART = 1000  # files a sweep
_MOST_GONE = 100  # files, each of which is asked for once more
PREFIXES = tuple(
    f"{start}{prefix}/"
    for start in ("", storage.PRIVATE)
    for prefix in (storage.SOURCES, *storage.PUBLIC)
)
_NEXT = dict(zip(PREFIXES, (*PREFIXES[1:], ""), strict=True))


def compare() -> tuple[int, int]:
    """Compare the next part of the storage's list; return how many files were deleted, and how
    many are newly known to be gone.

    Raises storage.Unavailable; then the next sweep begins where this one did.
    """
    start = _start()
    if not start:
        return 0, 0
    prefix = next(each for each in PREFIXES if start.startswith(each))
    listed = dict(storage.listing(prefix, start, PART))
    end = max(listed) if len(listed) == PART else ""
    gone = _unlisted(prefix, start, end, listed)
    if len(gone) == _MOST_GONE:  # more than one sweep's work
        end = gone[-1].key
        listed = {key: modified for key, modified in listed.items() if key <= end}
    # First, so that what goes wrong from here on is left to the next round and stops nothing.
    if not _go_on(start, end or _NEXT[prefix]):
        return 0, 0
    _named_below(prefix).filter(key__in=listed, missing_since__isnull=False).update(
        missing_since=None
    )
    old = {key for key, written in listed.items() if written < timezone.now() - GRACE}
    return _delete_nameless(old), sum(_flag(row) for row in gone)


def _start() -> str:
    """Where to go on; "" when the next round is not due yet."""
    lock = SweepLock.objects.filter(pk=1)
    due = Q(listing_began=None) | Q(listing_began__lte=Now() - EVERY)
    lock.filter(due, listed_to="").update(listed_to=PREFIXES[0], listing_began=Now())
    return lock.values_list("listed_to", flat=True).get()


def _go_on(start: str, end: str) -> bool:
    """Note that all is done up to `end`. False: another sweeper was here, too."""
    return bool(SweepLock.objects.filter(pk=1, listed_to=start).update(listed_to=end))


def _delete_nameless(keys: Collection[str]) -> int:
    ours = {key for key in keys if storage.KEY.fullmatch(key)}
    # A database without any is a new one, or the wrong one.
    if not ours or not Upload.objects.exists():
        return 0
    names: tuple[QuerySet[Any, str], ...] = (
        Upload.objects.filter(key__in=ours).values_list("key", flat=True),
        Rendition.objects.filter(key__in=ours).values_list("key", flat=True),
        Contest.objects.filter(image_key__in=ours).values_list("image_key", flat=True),
        Undeleted.objects.filter(key__in=ours).values_list("key", flat=True),
    )
    ours = ours.difference(*names)
    if ours:
        logger.warning("%s stored files that nothing names are deleted", len(ours))
        storage.delete(*sorted(ours))
    return len(ours)


def _named_below(prefix: str) -> QuerySet[Any]:
    """All rows that name a file below a prefix which must be there."""
    if prefix.removeprefix(storage.PRIVATE) == f"{storage.SOURCES}/":
        return Upload.objects.filter(entry__isnull=False, entry__withdrawn_at=None)
    return Rendition.objects.filter(conversion__published_as__isnull=False)


def _unlisted(prefix: str, start: str, end: str, listed: Collection[str]) -> list[Any]:
    """Return rows whose keys should have been in this part of the list, in the keys' order.

    The database may compare a key that is not ours otherwise than the storage does. Then these are
    too few, or too many; each is asked for once more.
    """
    rows = _named_below(prefix).filter(key__startswith=prefix, key__gt=start, missing_since=None)
    if end:
        rows = rows.filter(key__lte=end)
    return list(rows.exclude(key__in=listed).order_by("key")[:_MOST_GONE])


def _flag(row: Upload | Rendition) -> bool:
    """Flag a row whose file is really gone, and have it made again if that can be done."""
    try:
        storage.size(row.key)
        return False
    except FileNotFoundError:
        pass
    if isinstance(row, Upload):
        logger.error("entry %s: its original is gone", row.entry.pk)
    else:
        entry = row.conversion.entry
        again = reconverting.reconvert(entry)
        logger.error("entry %s: its %s is gone; to be made again: %s", entry.pk, row.kind, again)
    return bool(type(row).objects.filter(pk=row.pk, missing_since=None).update(missing_since=Now()))
