"""Where a contest stands, in words."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from contests.models import Contest, Phase
from voters.dates import Standing, standing

DAYS = [datetime(2026, 11, day, tzinfo=UTC) for day in range(1, 10)]


def contest(opens: int, closes: int, voting_opens: int, voting_closes: int) -> Contest:
    return Contest(
        announced_at=DAYS[0],
        submissions_open=DAYS[opens],
        submissions_close=DAYS[closes],
        voting_open=DAYS[voting_opens],
        voting_close=DAYS[voting_closes],
    )


APART = contest(1, 3, 5, 7)
TOGETHER = contest(1, 5, 3, 7)


@pytest.mark.parametrize(
    "of,day,expected",
    [
        (APART, 0, (Phase.SOON, "Not open yet", "Submissions open on", DAYS[1])),
        (
            APART,
            1,
            (Phase.SUBMISSIONS, "Submissions open", "Submissions close on", DAYS[3]),
        ),
        (APART, 3, (Phase.CLOSED, "Voting opens soon", "Voting opens on", DAYS[5])),
        (APART, 5, (Phase.VOTING, "Voting open", "Voting closes on", DAYS[7])),
        (APART, 7, (Phase.CLOSED, "Closed", "Voting closed on", DAYS[7])),
        (TOGETHER, 2, (Phase.SUBMISSIONS, "Submissions open", "Voting opens on", DAYS[3])),
        (TOGETHER, 3, (Phase.VOTING, "Voting open", "Submissions close on", DAYS[5])),
        (TOGETHER, 6, (Phase.VOTING, "Voting open", "Voting closes on", DAYS[7])),
    ],
)
def test_a_contest_says_its_phase_and_the_next_date(of, day, expected):
    with translation.override("en"):
        assert standing(of, DAYS[day]) == Standing(*expected)
