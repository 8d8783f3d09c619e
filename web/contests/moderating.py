"""What the team says to entries, one or many at once, and taking that back.

A decision names the version of each entry that its maker has seen: on what has changed since, by
whomever, it does nothing. The mail to the author waits a minute, so that whoever presses the wrong
button can undo it before anybody knows.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from backends.transactions import retried
from contests import auditing, notifying, placing
from contests.models import Contest, Entry, Event, Kind, Moderation, Notification, Report
from contests.reasons import Refused

LONGEST_REASON = 2000  # characters
# What the audit trail calls a decision.
ACTIONS = {
    Moderation.APPROVED: "entry_approved",
    Moderation.CHANGES: "entry_changes_asked",
    Moderation.REJECTED: "entry_rejected",
}
_MAIL_WAITS = timedelta(minutes=1)


@dataclass(frozen=True)
class Done:
    """How many entries were changed, and how many were not; `batch` undoes it."""

    batch: str
    changed: int
    left: int


def version(entry: Entry) -> str:
    """Name what somebody who sees the entry now decides on."""
    edited = entry.edited_at.timestamp() if entry.edited_at else 0
    return f"{entry.moderation}.{edited:.6f}"


def approve(contest: Contest, seen: Mapping[int, str], by: User) -> Done:
    """Let the public see entries. `seen` holds the version of each, by entry id."""
    return _decide(contest, seen, by, Moderation.APPROVED, "")


def ask_changes(contest: Contest, seen: Mapping[int, str], by: User, reason: str) -> Done:
    """Hide entries until their authors have changed what `reason` says. Raises Refused."""
    return _decide(contest, seen, by, Moderation.CHANGES, _checked(reason))


def reject(contest: Contest, seen: Mapping[int, str], by: User, reason: str) -> Done:
    """Keep entries from the public; their authors read why. Raises Refused without a reason."""
    return _decide(contest, seen, by, Moderation.REJECTED, _checked(reason))


def undo(contest: Contest, batch: str, by: User) -> Done:
    """Put back what stood before a decision, where it stands unchanged; unsent mails are dropped.

    Twice is once.
    """
    wanted, changed = _put_back(contest, batch, by)
    placing.settle_soon(changed)
    return Done(batch, len(changed), wanted - len(changed))


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Refused("reason_needed")
    if len(reason) > LONGEST_REASON:
        raise Refused("reason_too_long")
    return reason


def _decide(
    contest: Contest, seen: Mapping[int, str], by: User, to: Moderation, reason: str
) -> Done:
    batch = uuid.uuid4().hex
    changed = _write(contest, seen, by, to, reason, batch)
    placing.settle_soon(changed)
    return Done(batch, len(changed), len(seen) - len(changed))


@retried
def _write(
    contest: Contest,
    seen: Mapping[int, str],
    by: User,
    to: Moderation,
    reason: str,
    batch: str,
) -> list[int]:
    after = [to.value, reason]
    changed = {
        pk: entry
        for pk, entry in _locked(contest, seen).items()
        if version(entry) == seen[pk] and _standing(entry) != after
    }
    placing.mark(Entry.objects.filter(pk__in=changed))
    Entry.objects.filter(pk__in=changed).update(moderation=to, moderation_reason=reason)
    _note_public(changed)
    # What an earlier decision wanted to tell is not true any more.
    unsent = Notification.objects.filter(kind=Kind.MODERATED, sent_at=None, tries=0)
    unsent.filter(entry__in=changed).delete()
    for entry in changed.values():
        detail: dict[str, Any] = {"before": _standing(entry), "after": after}
        event = auditing.record(contest, ACTIONS[to], entry=entry, user=by, batch=batch, **detail)
        entry.reports.filter(closed_at=None).update(closed_at=Now(), closed_by=event)
        _tell(entry, event)
    return list(changed)


@retried
def _put_back(contest: Contest, batch: str, by: User) -> tuple[int, list[int]]:
    decided = Event.objects.filter(contest=contest, action__in=ACTIONS.values())
    wanted = decided.filter(batch=batch, undone_at=None, entry__isnull=False).order_by("pk")
    entries = _locked(contest, list(wanted.values_list("entry_id", flat=True)))
    events = list(wanted)
    changed = []
    for event in events:
        entry = entries.get(event.entry_id or 0)
        if entry is None or _standing(entry) != event.detail["after"]:
            continue
        if decided.filter(entry=entry, pk__gt=event.pk, undone_at=None).exists():
            continue
        Event.objects.filter(pk=event.pk).update(undone_at=Now())
        moderation, reason = event.detail["before"]
        row = Entry.objects.filter(pk=entry.pk)
        row.update(moderation=moderation, moderation_reason=reason)
        _note_public([entry.pk])
        placing.mark(row)
        Report.objects.filter(closed_by=event).update(closed_at=None, closed_by=None)
        undone = auditing.record(contest, "decision_undone", entry=entry, user=by, of=event.action)
        if not _recall(event) and moderation != Moderation.PENDING:
            _tell(entry, undone)
        changed.append(entry.pk)
    return len(events), changed


def _locked(contest: Contest, ids: Collection[int]) -> dict[int, Entry]:
    """Hold the entries' rows, which is what withdrawing and converting take, too."""
    rows = Entry.objects.select_for_update().filter(pk__in=ids, contest=contest, withdrawn_at=None)
    return {entry.pk: entry for entry in rows.order_by("pk")}


def _note_public(ids: Collection[int]) -> None:
    """Note since when the public sees those that it sees now: who came before finds them, too."""
    Entry.objects.public().filter(pk__in=ids).update(public_at=Now())


def _standing(entry: Entry) -> list[str]:
    return [entry.moderation, entry.moderation_reason]


def _tell(entry: Entry, event: Event) -> None:
    key = f"moderated:{event.pk}"
    wait = _MAIL_WAITS if event.action in ACTIONS.values() else timedelta(0)
    notifying.notify(Kind.MODERATED, key, entry=entry, language=entry.language, wait=wait)


def _recall(event: Event) -> bool:
    """Drop a decision's mail. False: it has gone, or may have."""
    mail = Notification.objects.filter(dedup_key=f"moderated:{event.pk}")
    gone = mail.filter(Q(sent_at__isnull=False) | Q(tries__gt=0)).exists()
    mail.filter(sent_at=None).delete()
    return not gone
