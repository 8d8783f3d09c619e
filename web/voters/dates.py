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
    dates = (
        (contest.submissions_open, _("Submissions open on")),
        (contest.submissions_close, _("Submissions close on")),
        (contest.voting_open, _("Voting opens on")),
        (contest.voting_close, _("Voting closes on")),
    )
    ahead = [each for each in dates if each[0] > now]
    date, label = min(ahead) if ahead else (contest.voting_close, _("Voting closed on"))
    return Standing(contest.phase(now), contest.phase_text(now), label, date)
