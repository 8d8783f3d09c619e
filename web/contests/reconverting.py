"""Converting again: with a new profile, a better ffmpeg, or after a fault of ours was mended.

What the public sees stays until `converting.finish` puts the new files in its place. The old ones
go a day later: until then open players and cached pages still ask for them.
"""

from datetime import timedelta
from enum import StrEnum

from django.db.models.functions import Now

from backends import storage
from backends.transactions import retried
from contests import auditing, converting
from contests.models import Entry, Rendition

GRACE = timedelta(hours=24)
_MOST = 1000  # files a sweep, which holds its lock for a minute at most


class Outcome(StrEnum):
    """What became of the wish to convert an entry again."""

    QUEUED = "queued again"
    ON_ITS_WAY = "already on its way"
    WITHDRAWN = "withdrawn"
    NO_SOURCE = "its original is gone"


def reconvert(entry: Entry, dry_run: bool = False) -> Outcome:
    """Queue a new conversion of an entry; with `dry_run` only say what would happen."""
    if entry.withdrawn_at:
        return Outcome.WITHDRAWN
    try:
        storage.size(entry.upload.key)
    except FileNotFoundError:
        return Outcome.NO_SOURCE
    return _queue(entry, dry_run)


@retried
def _queue(entry: Entry, dry_run: bool) -> Outcome:
    if converting.lock_entry(entry.pk) is None:
        return Outcome.WITHDRAWN
    if entry.conversions.filter(state__in=converting.UNFINISHED).exists():
        return Outcome.ON_ITS_WAY
    if not dry_run:
        converting.enqueue(entry)
        auditing.record(entry.contest, "converted_again", entry=entry)
    return Outcome.QUEUED


def drop_superseded() -> int:
    """Delete files that had their day of grace; return how many."""
    keys = _forget_superseded()
    storage.delete(*keys)
    return len(keys)


@retried
def _forget_superseded() -> list[str]:
    # Locked, so that no file gets another key in the meantime (see placing.py).
    old = Rendition.objects.filter(conversion__superseded_at__lt=Now() - GRACE)
    keys = dict(old.select_for_update().values_list("pk", "key")[:_MOST])
    Rendition.objects.filter(pk__in=keys).delete()
    storage.doom(*keys.values())
    return list(keys.values())
