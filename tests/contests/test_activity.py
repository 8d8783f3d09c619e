"""Entries and votes over time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contests import activity
from contests.models import Choice, Entry
from contests.voting import vote
from tests.factories import make_contest, make_entry, make_ready_entry, make_voter

pytestmark = pytest.mark.django_db
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def contest_from(begin: datetime, days: float, zone: str = "UTC"):
    end = begin + timedelta(days=days)
    dates: dict[str, Any] = {"submissions_open": begin, "submissions_close": end}
    return make_contest(zone=zone, voting_open=begin, voting_close=end, **dates)


def entries_at(contest, *moments: datetime) -> None:
    for moment in moments:
        Entry.objects.filter(pk=make_entry(contest).pk).update(submitted_at=moment)


def test_a_short_contest_is_counted_by_the_hour():
    begin = datetime(2026, 5, 1, 10, 30, tzinfo=UTC)
    contest = contest_from(begin, 1)
    entries_at(contest, begin, begin + HOUR / 4, begin + 2 * HOUR)
    found = activity.entries(contest, begin + 3 * HOUR)
    assert (found.step, found.counts, found.total) == (HOUR, [2, 0, 1, 0], 3)
    assert found.starts[0] == datetime(2026, 5, 1, 10, tzinfo=UTC)


def test_days_are_those_of_the_contests_calendar_through_a_change_of_clocks():
    # In Madrid the clocks go forward on 29 March: that day has 23 hours.
    contest = contest_from(datetime(2026, 3, 27, 23, tzinfo=UTC), 10, "Europe/Madrid")
    moments = ((28, 22), (28, 23), (29, 21), (29, 22))
    entries_at(contest, *(datetime(2026, 3, day, hour, 30, tzinfo=UTC) for day, hour in moments))
    found = activity.entries(contest, datetime(2026, 3, 31, 12, tzinfo=UTC))
    days = {start.day: count for start, count in zip(found.starts, found.counts, strict=True)}
    assert (found.step, days) == (DAY, {28: 1, 29: 2, 30: 1, 31: 0})
    assert {start.hour for start in found.starts} == {0}


def test_a_year_is_counted_by_weeks_from_monday_and_the_chart_stays_small():
    contest = contest_from(datetime(2024, 1, 1, tzinfo=UTC), 730)
    entries_at(contest, datetime(2025, 12, 3, tzinfo=UTC))
    found = activity.entries(contest, datetime(2026, 6, 1, tzinfo=UTC))
    assert (found.step, len(found.counts), found.total) == (WEEK, activity.MOST, 1)
    assert {start.weekday() for start in found.starts} == {0}


def test_votes_are_counted_when_they_were_cast_and_not_those_taken_back():
    begin = datetime(2026, 5, 1, tzinfo=UTC)
    contest = contest_from(begin, 1)
    first, second = make_ready_entry(contest), make_ready_entry(contest)
    voter = make_voter(contest)
    for entry in (first, second):
        vote(voter, entry, 1, begin)
    Choice.objects.update(changed_at=begin + HOUR)
    assert activity.votes(contest, begin + 2 * HOUR).counts == [0, 2, 0]
    vote(voter, second, 0, begin)
    assert activity.votes(contest, begin + 2 * HOUR).counts == [0, 1, 0]


def test_before_anything_begins_there_is_nothing():
    begin = datetime(2026, 5, 1, tzinfo=UTC)
    found = activity.entries(contest_from(begin, 1), begin - DAY)
    assert found.total == 0
