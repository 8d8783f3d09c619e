"""What a contest asks of those who submit: in time, rules accepted, invited, not too many videos.

The form shows it and tells what is missing; here stands what must hold in the very transaction that
makes an entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from contests import mine, redeeming
from contests.models import (
    Acceptance,
    Answer,
    Code,
    Contest,
    Conversion,
    Entry,
    Question,
    Rules,
    State,
    Upload,
)
from contests.reasons import Refused

_OVER = (State.FAILED, State.CANCELLED)


@dataclass(frozen=True)
class Given:
    """What a participant gave beside the video and the entry's own fields.

    `rules` are those that were shown, `consents` the places (from 0) of those given among theirs.
    """

    rules: Rules | None = None
    consents: tuple[int, ...] = ()
    answers: Mapping[Question, str] = field(default_factory=dict)
    code: Code | None = None


def rules_of(contest: Contest) -> Rules | None:
    """Return the rules as they are now."""
    return contest.rules.order_by("-version").first()


def grace_ends(contest: Contest) -> datetime:
    """Until when an upload begun in time may be finished and submitted."""
    return contest.submissions_close + timedelta(minutes=contest.grace_minutes)


def is_grace(contest: Contest, now: datetime) -> bool:
    """Say whether submissions are closed to all but uploads begun in time."""
    return bool(contest.announced_at) and contest.submissions_close <= now < grace_ends(contest)


def takes_late(contest: Contest, now: datetime) -> bool:
    """Say whether a late code opens the form now: between the deadline and the end of voting."""
    over = contest.submissions_close <= now
    return bool(contest.announced_at) and over and now < contest.voting_close


def in_time(contest: Contest, upload: Upload, now: datetime) -> bool:
    """Say whether an upload may become an entry now."""
    if contest.accepts_entries(now) or (upload.late_code and takes_late(contest, now)):
        return True
    began = upload.first_byte_at
    return is_grace(contest, now) and began is not None and contest.accepts_entries(began)


def admit(contest: Contest, upload: Upload, email: str, given: Given, now: datetime) -> Code | None:
    """Let an entry in, in the transaction that makes it; return the code that was used for it.

    Raises Refused.
    """
    if contest.max_entries:
        # One after the other, else two forms sent at the same moment would both find room.
        Contest.objects.select_for_update().get(pk=contest.pk)
        if counted(contest, email) >= contest.max_entries:
            raise Refused("too_many_entries")
    _check_rules(contest, given)
    code = upload.late_code or given.code
    if code:
        redeeming.use(code, now)
    elif contest.by_invitation:
        raise Refused("code_needed")
    return code


def counted(contest: Contest, email: str) -> int:
    """Count a person's videos: neither withdrawn ones nor those we could not convert."""
    theirs = contest.entries.filter(email__iexact=email, withdrawn_at=None)
    alive = Conversion.objects.filter(entry=OuterRef("pk")).exclude(state__in=_OVER)
    theirs = theirs.filter(Q(published__isnull=False) | Exists(alive))
    return sum(mine.same(each, email) for each in theirs.values_list("email", flat=True))


def keep(entry: Entry, given: Given) -> None:
    """Write down answers and consents, in the transaction that makes the entry."""
    answer(entry, given.answers)
    if given.rules:
        consents = sorted(given.consents)
        Acceptance.objects.create(
            entry=entry, rules=given.rules, consents=consents, accepted_at=Now()
        )


def answer(entry: Entry, answers: Mapping[Question, str]) -> None:
    """Set an entry's answers to these questions; an empty one is none."""
    entry.answers.filter(question__in=answers).delete()
    rows = [Answer(entry=entry, question=each, text=text) for each, text in answers.items() if text]
    Answer.objects.bulk_create(rows)


def _check_rules(contest: Contest, given: Given) -> None:
    rules = rules_of(contest)
    if rules != given.rules:
        raise Refused("rules_changed")
    wanted = {
        place for place, each in enumerate(rules.consents if rules else ()) if each["required"]
    }
    if not wanted <= set(given.consents):
        raise Refused("consent_missing")
