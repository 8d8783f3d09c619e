"""What waits for somebody of a contest's team to do it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import F, Q

from contests import screening
from contests.models import Code, Contest, Moderation, Phase, Upload, Visibility

_UNDER_WAY = timedelta(minutes=15)  # without a sign of life


class Need(StrEnum):
    """What there is to do, the most pressing first."""

    REPORTED = "reported"  # videos that visitors reported
    PENDING = "pending"  # videos to look at
    NO_RESULT = "no_result"  # voting is over, and no day is set for the result
    NO_WAY_IN = "no_way_in"  # private, without a password or a code that opens it
    NO_INVITATION = "no_invitation"  # only by invitation, without a code that may still be used
    NO_RULES = "no_rules"


@dataclass(frozen=True)
class Wanting:
    """One thing to do; `count` of videos, else 0."""

    need: Need
    count: int = 0


def of(contest: Contest, now: datetime) -> list[Wanting]:
    """Return what waits for the team, the most pressing first, in five queries at most."""
    counts = screening.counts(contest)
    usable = set(_usable_codes(contest, now))
    phase = contest.phase(now)
    shut = contest.visibility == Visibility.PRIVATE and not contest.password
    checks = {
        Need.REPORTED: counts["reported"],
        Need.PENDING: counts[Moderation.PENDING],
        Need.NO_RESULT: phase == Phase.CLOSED and now >= contest.voting_close,
        Need.NO_WAY_IN: shut and not usable & {Code.Kind.ENTER, Code.Kind.VOTE},
        Need.NO_INVITATION: contest.by_invitation
        and now < contest.submissions_close
        and Code.Kind.SUBMIT not in usable,
        Need.NO_RULES: now < contest.submissions_close and not contest.rules.exists(),
    }
    return [
        Wanting(need, 0 if isinstance(found, bool) else found)
        for need, found in checks.items()
        if found and not (need == Need.NO_RESULT and contest.results_at)
    ]


def uploads_under_way(contest: Contest, now: datetime) -> int:
    """Count the uploads that are on their way to us."""
    fresh = Q(state=Upload.State.OPEN, touched_at__gte=now - _UNDER_WAY)
    return contest.uploads.filter(fresh).count()


def _usable_codes(contest: Contest, now: datetime) -> list[str]:
    """Return the kinds of codes of which at least one may still be used."""
    good = contest.codes.filter(revoked_at=None)
    good = good.filter(Q(expires_at=None) | Q(expires_at__gt=now))
    good = good.filter(Q(max_uses=None) | Q(uses__lt=F("max_uses")))
    return list(good.order_by().values_list("kind", flat=True).distinct())
