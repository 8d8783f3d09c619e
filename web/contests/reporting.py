"""Visitors report an entry; the team looks at it."""

from django.db.models.functions import Now

from accounts.models import User
from backends.transactions import retried
from contests import auditing
from contests.models import Entry, Report
from contests.reasons import Refused

_MOST = 100  # open reports of an entry; more would tell the team nothing new


@retried
def report(entry: Entry, reason: str, text: str) -> None:
    """Tell the team that something is wrong with a public entry. Raises Refused.

    `reason` is one of Report.Reason; `text` what the visitor wrote, at most 1000 characters.
    """
    if not Entry.objects.public().filter(pk=entry.pk).exists():
        raise Refused("entry_unknown")
    if entry.reports.filter(closed_at=None).count() >= _MOST:
        return
    Report.objects.create(entry=entry, reason=Report.Reason(reason), text=text)
    auditing.record(entry.contest, "entry_reported", entry=entry, actor="visitor", reason=reason)


@retried
def dismiss(entry: Entry, by: User, latest: int) -> int:
    """Close an entry's open reports up to the `latest` that was seen; return how many.

    Nothing is wrong with the entry; it stays as it is.
    """
    seen = entry.reports.filter(closed_at=None, pk__lte=latest)
    count = seen.count()
    if count:
        event = auditing.record(entry.contest, "reports_dismissed", entry=entry, user=by, n=count)
        seen.update(closed_at=Now(), closed_by=event)
    return count
