"""Withdrawing: an author takes a video out of its contest, and nothing brings it back."""

from collections.abc import Collection
from datetime import datetime

from django.db.models.functions import Now

from accounts.models import User
from backends import storage
from backends.transactions import retried
from contests import auditing
from contests.converting import UNFINISHED
from contests.models import Conversion, Entry, Notification, Rendition, State, Upload
from contests.reasons import Refused


def withdraw(entry: Entry, now: datetime, staff: User | None = None) -> None:
    """Take an entry out of its contest and delete its files; twice is once. Raises Refused.

    `staff`: who does it for the author.

    A worker that is converting it finds within two seconds that its lease is gone. The row stays,
    so that the author's private page can say what happened; the votes for it do not count.
    """
    if not entry.contest.accepts_withdrawals(now):
        raise Refused("closed_withdrawal")
    storage.delete(*_take_out(entry, staff))


@retried
def _take_out(entry: Entry, staff: User | None) -> list[str]:
    """Change the rows; return the keys of the files that nothing names any more."""
    # The entry's row first: it is the lock that `converting` takes too.
    row = Entry.objects.filter(pk=entry.pk, withdrawn_at=None)
    if not row.update(withdrawn_at=Now(), published=None):
        return []
    actor = "staff" if staff else "participant"
    auditing.record(entry.contest, "entry_withdrawn", entry=entry, user=staff, actor=actor)
    return let_go([entry.pk])


def let_go(ids: Collection[int]) -> list[str]:
    """Leave nothing of these entries, held by the caller, but their rows; not even unsent mails.

    Returns the keys of the files that nothing names any more; they are doomed.
    """
    cancel(ids)
    Notification.objects.filter(entry__in=ids, sent_at=None).delete()
    renditions = Rendition.objects.filter(conversion__entry__in=ids)
    sources = Upload.objects.filter(entry__in=ids)
    keys = [*sources.values_list("key", flat=True), *renditions.values_list("key", flat=True)]
    storage.doom(*keys)
    renditions.delete()
    return keys


def cancel(ids: Collection[int]) -> None:
    """End the conversions of these entries, held by the caller, that are under way."""
    Conversion.objects.filter(entry__in=ids, state__in=UNFINISHED).update(
        state=State.CANCELLED, lease_until=None, finished_at=Now()
    )
