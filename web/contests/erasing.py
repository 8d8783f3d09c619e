"""Erasing what tells of people: when they ask for it, or when the contest's time for it has come.

Rows and votes stay, so that a result can be recounted; nothing in them tells whose they are. What
the audit trail, the mails and the uploads held of somebody goes with the rest.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from backends import storage
from backends.transactions import retried
from contests import auditing, moderating, withdrawing
from contests.models import (
    Answer,
    Captions,
    Code,
    Contest,
    Conversion,
    Entry,
    Event,
    Member,
    Moderation,
    Notification,
    Report,
    Role,
    TeamInvitation,
    Upload,
    Voter,
)

# In the place of a title that was erased: something that can be clicked, in any language.
NO_TITLE = "—"
_ENTRIES, _VOTERS = 500, 2000  # at once, in a sweep that holds its lock for a minute at most
_NOBODY: dict[str, Any] = {
    **dict.fromkeys(("first_name", "last_name", "email", "moderation_reason"), ""),
    **dict.fromkeys(("code", "submitted_by"), None),
}
_NOTHING: dict[str, Any] = {
    **dict.fromkeys(("description", "text_description"), ""),
    "title": NO_TITLE,
    "published": None,
    "unplaced_since": None,
}


class MustStay(Exception):
    """An account of staff, whose deeds are kept, or of a contest's only owner."""


def erase_entry(entry: Entry, now: datetime) -> None:
    """Erase an entry because its author wants it; twice is once.

    Until voting is over it leaves the contest, too, as if withdrawn. Later its row and its votes
    stay in the result, without a name, a title or a video.
    """
    storage.delete(*_erase_entry(entry, now))


@retried
def _erase_entry(entry: Entry, now: datetime) -> list[str]:
    # The row first: it is the lock that `converting` and `withdrawing` take, too.
    row = Entry.objects.select_for_update().get(pk=entry.pk)
    if row.is_erased:
        return []
    if row.withdrawn_at is None and row.contest.accepts_withdrawals(now):
        Entry.objects.filter(pk=row.pk).update(withdrawn_at=Now())
    auditing.record(row.contest, "entry_erased", entry=row, actor="participant")
    return _leave_nothing([row.pk])


@retried
def erase_voter(voter: Voter, now: datetime) -> None:
    """Forget whose votes these are; they stay and count. Twice is once.

    While voting is open a trace of the address is kept, of which only we can tell that it is this
    address: else the same person could vote again. A code does not vote again either.
    """
    row = Voter.objects.select_for_update().select_related("contest").get(pk=voter.pk)
    over = now >= row.contest.voting_close
    trace = "" if over or not row.email else trace_of(row.contest, row.email)
    Code.objects.filter(voter=row, revoked_at=None).update(revoked_at=Now())
    Notification.objects.filter(voter=row).delete()
    changes = {"email": None, "code": None, "deck": None, "trace": trace or row.trace}
    Voter.objects.filter(pk=row.pk).update(**changes)


def trace_of(contest: Contest, email: str) -> str:
    """Return by what an erased address is known again: nobody without our key can compute it."""
    return salted_hmac(
        "erased-voter", f"{contest.pk}:{email.lower()}", algorithm="sha256"
    ).hexdigest()


def erase_due() -> int:
    """Erase the next part of what is due in all contests; return of how many people."""
    now = timezone.now()
    traces = Voter.objects.filter(contest__voting_close__lte=now).exclude(trace="")
    traces.filter(pk__in=list(traces.values_list("pk", flat=True)[:_VOTERS])).update(trace="")
    # One that was opened once more is due once more.
    kept = Q(erased_at=None) | Q(erased_at__lt=F("voting_close"))
    for contest in Contest.objects.filter(
        kept, retention_days__isnull=False, voting_close__lte=now
    ):
        if not contest.keeps_people(now):
            return _erase_part(contest)
    return 0


@retried
def _erase_part(contest: Contest) -> int:
    """Erase some of a contest's entries and voters; once none is left note that it is done."""
    entries = _held(contest.entries.filter(erased_at=None))
    _forget_authors([each.pk for each in entries])
    # All that the public does not see goes; what it sees stays, but for the originals.
    stays = [each.pk for each in entries if _is_public(each)]
    _leave_nothing([each.pk for each in entries if not _is_public(each)])
    withdrawing.cancel(stays)
    # Originals hold what a camera wrote: where, when and with what it was.
    storage.doom(*Upload.objects.filter(entry__in=stays).values_list("key", flat=True))
    voters = _forget_voters(contest)
    if not entries and not voters:
        contest.codes.exclude(label="").update(label="")
        Contest.objects.filter(pk=contest.pk).update(erased_at=Now())
        auditing.record(contest, "people_erased")
    return len(entries) + voters


def _held(entries: QuerySet[Entry]) -> list[Entry]:
    return list(entries.select_for_update().order_by("pk")[:_ENTRIES])


def _is_public(entry: Entry) -> bool:
    approved = entry.moderation == Moderation.APPROVED
    return bool(entry.published_id) and approved and not entry.withdrawn_at


def _leave_nothing(ids: Collection[int]) -> list[str]:
    """Leave of entries, held by the caller, but a row without content; return the files' keys."""
    keys = withdrawing.let_go(ids)
    Captions.objects.filter(entry__in=ids).delete()
    Entry.objects.filter(pk__in=ids).update(**_NOTHING)
    _forget_authors(ids)
    return keys


def _forget_authors(ids: Collection[int]) -> None:
    """Take from entries, held by the caller, all that tells whose they are."""
    Entry.objects.filter(pk__in=ids).update(erased_at=Now(), **_NOBODY)
    Answer.objects.filter(entry__in=ids).delete()
    Report.objects.filter(entry__in=ids).exclude(text="").update(text="")
    Notification.objects.filter(entry__in=ids).delete()
    Conversion.objects.filter(entry__in=ids).exclude(error="").update(error="")
    uploads = Upload.objects.filter(entry__in=ids)
    uploads.update(filename="", digest="", draft=None, late_code=None)
    # The team's reasons speak of the video, and perhaps of its author.
    said = list(Event.objects.filter(entry__in=ids, action__in=moderating.ACTIONS.values()))
    for event in said:
        event.detail = {which: [event.detail[which][0], ""] for which in ("before", "after")}
    Event.objects.bulk_update(said, ["detail"], batch_size=200)


def _forget_voters(contest: Contest) -> int:
    known = Voter.objects.known().filter(contest=contest)
    ids = list(known.order_by("pk").values_list("pk", flat=True)[:_VOTERS])
    Notification.objects.filter(voter__in=ids).delete()
    Voter.objects.filter(pk__in=ids, ballot=None).delete()
    Voter.objects.filter(pk__in=ids).update(email=None, code=None, deck=None, trace="")
    return len(ids)


@retried
def erase_account(user: User, now: datetime) -> None:
    """Delete a person's account, and forget whose votes theirs were. Raises MustStay.

    A contest keeps an owner, and its history: of what they did only that somebody of the team did.
    """
    if user.is_staff:
        raise MustStay
    if Contest.objects.select_for_update().filter(pk__in=owned_alone(user)):
        raise MustStay
    mine = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    addresses = [each.lower() for each in mine]
    for voter in Voter.objects.filter(email__in=addresses).order_by("pk"):
        erase_voter(voter, now)
    TeamInvitation.objects.filter(email__in=addresses).delete()
    user.delete()


def owned_alone(user: User) -> QuerySet[Contest]:
    """Return the contests that have no owner but this person."""
    others = Member.objects.filter(contest=OuterRef("pk"), role=Role.OWNER).exclude(user=user)
    return Contest.objects.of_team(user, Role.OWNER).exclude(Exists(others)).order_by("name")
