"""Where an entry's files lie: what everybody may see at plain addresses, all else below `private/`.

What is rejected, waits for the team, or belongs to a private contest is read by signed addresses
only. Whoever changes what everybody may see marks the entries in the same transaction; their files
are moved right after it or by the sweeper: each gets a new key, and the old file is deleted. Should
anybody forget to mark, the hourly comparison of files with rows does (see stored.py).
"""

import logging
import time
from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from backends import storage
from backends.transactions import retried
from contests.models import Contest, Entry, Moderation, Rendition, Visibility

logger = logging.getLogger(__name__)

_SOON = 5  # seconds that somebody waits for their entries' files to be moved
_LONGEST_ROUND = 30  # seconds
_MOST = 500  # entries a sweep
_IMAGES = ("image_key", "logo_key")


def is_open(entry_id: int) -> bool:
    """Say whether everybody may see an entry's files, now or once it is converted."""
    return Entry.objects.filter(_OPEN, pk=entry_id).exists()


_OPEN = Q(moderation=Moderation.APPROVED, withdrawn_at=None) & ~Q(
    contest__visibility=Visibility.PRIVATE
)


def mark(entries: QuerySet[Entry]) -> None:
    """Note whose files may have to move, in the transaction that changes who may see them."""
    entries.update(unplaced_since=Now())


def mark_if_misplaced(entry: Entry, keys: Iterable[str]) -> None:
    """Mark an entry, held by the caller, that has got files with these keys."""
    private = not is_open(entry.pk)
    if any(key.startswith(storage.PRIVATE) != private for key in keys):
        mark(Entry.objects.filter(pk=entry.pk))


def mark_misplaced(keys: Collection[str]) -> None:
    """Mark the entries whose files with these keys lie where they should not."""
    mark(Entry.objects.filter(conversions__renditions__in=_misplaced().filter(key__in=keys)))


def settle_soon(entries: Iterable[int]) -> None:
    """Move some entries' files while somebody waits; what takes long is left to the sweeper."""
    _settle_all(entries, _SOON)


def settle_due() -> int:
    """Move what is marked, longest waiting first; return how many entries and images are done."""
    due = Entry.objects.filter(unplaced_since__isnull=False).order_by("unplaced_since")
    done = _settle_all(list(due.values_list("pk", flat=True)[:_MOST]), _LONGEST_ROUND)
    return done + sum(_settle_image(*each) for each in _misplaced_images())


def _settle_all(entries: Iterable[int], seconds: float) -> int:
    began, done = time.monotonic(), 0
    for pk in entries:
        if time.monotonic() > began + seconds:
            break
        try:
            settle(pk)
        except OSError as error:
            logger.error("entry %s: its files were not moved: %s", pk, type(error).__name__)
            mark(Entry.objects.filter(pk=pk))  # behind all others
            break  # the next would fail as slowly
        done += 1
    return done


def settle(entry_id: int) -> None:
    """Move an entry's files to where they belong, if they are not there. Raises OSError."""
    moved: dict[str, str] = {}  # "": the file is lost, or was deleted just now
    try:
        for key in _misplaced().filter(conversion__entry=entry_id).values_list("key", flat=True):
            new = storage.key_beside(key, private=not key.startswith(storage.PRIVATE))
            try:
                storage.copy(key, new)
                moved[key] = new
            except FileNotFoundError:
                moved[key] = ""
    except BaseException:
        storage.delete(*filter(None, moved.values()), unseen=True)
        raise
    storage.delete(*_rename(entry_id, moved))


@retried
def _rename(entry_id: int, moved: dict[str, str]) -> list[str]:
    """Name the copies in place of the files they were made of; return the keys of what is left.

    Those are the old files; or the copies, where the file has gone or may stay after all.
    """
    # The entry's row is the lock: nobody withdraws, converts or moderates it in the meantime.
    list(Entry.objects.select_for_update().filter(pk=entry_id).values_list("pk"))
    wrong = _misplaced().filter(conversion__entry=entry_id)
    there = set(wrong.values_list("key", flat=True))
    left = []
    for old, new in moved.items():
        if new and old in there:
            Rendition.objects.filter(key=old).update(key=new)
        if new:
            left.append(old if old in there else new)
    if there <= moved.keys():
        Entry.objects.filter(pk=entry_id).update(unplaced_since=None)
    storage.doom(*left)
    return left


def _misplaced() -> QuerySet[Rendition]:
    """All files that lie in the wrong one of the two areas."""
    private = Q(key__startswith=storage.PRIVATE)
    seen = Exists(Entry.objects.filter(_OPEN, pk=OuterRef("conversion__entry")))
    return Rendition.objects.filter((private & seen) | (~private & ~seen))


def _misplaced_images() -> list[tuple[int, str, str]]:
    """The contests' images that lie in the wrong area: contest, field, key."""
    found = []
    for field in _IMAGES:
        rows = Contest.objects.exclude(**{field: ""})
        hidden, private = (
            Q(visibility=Visibility.PRIVATE),
            Q(**{f"{field}__startswith": "private/"}),
        )
        wrong = rows.filter((hidden & ~private) | (~hidden & private))
        found += [(pk, field, key) for pk, key in wrong.values_list("pk", field)]
    return found


def _settle_image(contest_id: int, field: str, key: str) -> bool:
    new = storage.key_beside(key, private=not key.startswith(storage.PRIVATE))
    try:
        storage.copy(key, new)
    except FileNotFoundError:
        return False
    won = _rename_image(contest_id, field, key, new)
    storage.delete(key if won else new)
    return won


@retried
def _rename_image(contest_id: int, field: str, key: str, new: str) -> bool:
    won = Contest.objects.filter(pk=contest_id, **{field: key}).update(**{field: new})
    storage.doom(key if won else new)
    return bool(won)
