"""A contest's dates in words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from contests.models import Contest, Phase


@dataclass(frozen=True)
class Standing:
    """Where a contest stands: its phase, in words, and the date that matters next."""

    phase: Phase
    text: str
    date_label: str
    date: datetime


def standing(contest: Contest, now: datetime) -> Standing:
    """Return where a contest stands at `now`; once all is over the date is that of the end."""
    phase = contest.phase(now)
    # Between submissions and voting a contest is closed, but not over.
    pause = phase == Phase.CLOSED and now < contest.voting_open
    dates = (
        (contest.submissions_open, _("Submissions open")),
        (contest.submissions_close, _("Submissions close")),
        (contest.voting_open, _("Voting opens")),
        (contest.voting_close, _("Voting closes")),
    )
    ahead = [each for each in dates if each[0] > now]
    date, label = min(ahead) if ahead else (contest.voting_close, _("Voting closed"))
    return Standing(phase, _("Voting opens soon") if pause else str(phase.label), label, date)
