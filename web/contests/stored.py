"""The stored files and the rows that name them, compared part by part, some in each sweep.

A file that no row names is noted, and deleted when it is still nameless a day later; a backup of
the database that is restored has that day to be noticed. A row whose file is gone is flagged; what
was made from an original that is still there is made again, once. A contest's image is not looked
for: its organizer sees that it is gone, and nobody else has it.
"""

import logging
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from backends import storage
from backends.models import Undeleted
from contests import reconverting
from contests.models import Contest, Nameless, Rendition, SweepLock, Upload

logger = logging.getLogger(__name__)

GRACE = timedelta(hours=24)  # since a file was first seen nameless, by the database's clock
EVERY = timedelta(hours=1)  # a round begins
PART = 1000  # files a sweep
# When more files than this, and more than this share of all, are nameless, it is more likely that
# the database is an old one, or another's, than that so much was left behind.
MANY, SHARE = 100, 0.1
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
    _note_nameless(prefix, start, end, _nameless(listed))
    if not (end or _NEXT[prefix]) and too_many_nameless():
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


def _nameless(keys: Collection[str]) -> set[str]:
    """Those of the keys that are ours and that no row names."""
    ours = {key for key in keys if storage.KEY.fullmatch(key)}
    names: tuple[QuerySet[Any, str], ...] = (
        Upload.objects.filter(key__in=ours).values_list("key", flat=True),
        Rendition.objects.filter(key__in=ours).values_list("key", flat=True),
        Contest.objects.filter(image_key__in=ours).values_list("image_key", flat=True),
        Undeleted.objects.filter(key__in=ours).values_list("key", flat=True),
    )
    return ours.difference(*names)


def _note_nameless(prefix: str, start: str, end: str, keys: Collection[str]) -> None:
    """Note what is nameless in a part of the list; forget what has a name now, or is gone."""
    noted = _part(Nameless.objects.all(), prefix, start, end)
    noted.exclude(key__in=keys).delete()
    rows = [Nameless(key=key, seen_at=Now()) for key in keys]
    Nameless.objects.bulk_create(rows, ignore_conflicts=True)


def too_many_nameless() -> bool:
    """Say whether so many files are nameless that none is deleted unasked."""
    nameless = Nameless.objects.count()
    if nameless <= MANY:
        return False
    named = Upload.objects.count() + Rendition.objects.count()
    return nameless > SHARE * (nameless + named)


def delete_nameless(even_many: bool = False) -> int:
    """Delete some files that have been nameless for a day; return how many.

    When there are too many of them none is, unless ops have said so: `even_many`.
    """
    # A database without any upload is a new one, or the wrong one.
    if not Upload.objects.exists() or (not even_many and too_many_nameless()):
        return 0
    due = Nameless.objects.filter(seen_at__lte=Now() - GRACE).order_by("pk")
    noted = dict(due.values_list("pk", "key")[:PART])
    keys = _nameless(noted.values())
    if keys:
        logger.warning("%s stored files that nothing names are deleted", len(keys))
        storage.delete(*sorted(keys))
    Nameless.objects.filter(pk__in=noted).delete()
    return len(keys)


def _named_below(prefix: str) -> QuerySet[Any]:
    """All rows that name a file below a prefix which must be there."""
    if prefix.removeprefix(storage.PRIVATE) == f"{storage.SOURCES}/":
        sources = Upload.objects.select_related("entry")
        return sources.filter(entry__isnull=False, entry__withdrawn_at=None)
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
    # Read again, now that it is gone: whose entry was withdrawn or deleted lost it on purpose.
    row = _named_below(prefix).filter(pk=row.pk).first()
    if row is None:
        return False
    if isinstance(row, Upload):
        logger.error("entry %s: its original is gone", row.entry.pk)
    else:
        entry = row.conversion.entry
        again = reconverting.reconvert(entry)
        logger.error("entry %s: its %s is gone; to be made again: %s", entry.pk, row.kind, again)
    return bool(type(row).objects.filter(pk=row.pk, missing_since=None).update(missing_since=Now()))
