"""Counting."""

from typing import Any

import pytest

from contests import results
from contests.models import Ballot, Choice, Contest, Entry
from tests.factories import make_contest, make_entry, make_ready_entry, make_voter

pytestmark = pytest.mark.django_db


def voted(contest: Contest, votes_for: int, votes_against: int) -> Entry:
    entry = make_ready_entry(contest)
    for value in [1] * votes_for + [-1] * votes_against:
        ballot = Ballot.objects.create(voter=make_voter(contest))
        Choice.objects.create(ballot=ballot, entry=entry, value=value)
    return entry


def test_both_sides_are_counted_in_one_query(django_assert_num_queries):
    contest = make_contest()
    entries = [voted(contest, 2, 1), voted(contest, 0, 3), voted(contest, 0, 0)]
    with django_assert_num_queries(1):
        found = list(results.with_votes(contest.entries.order_by("pk")))
    counted: list[Any] = [(each, each.votes_for, each.votes_against) for each in found]
    assert counted == [(entries[0], 2, 1), (entries[1], 0, 3), (entries[2], 0, 0)]


def test_ranking_goes_by_score_then_votes_for_then_submission():
    contest = make_contest()
    liked = voted(contest, 2, 0)
    quiet = voted(contest, 1, 0)
    disputed = voted(contest, 3, 2)
    late = voted(contest, 1, 0)
    disliked = voted(contest, 0, 1)
    make_entry(contest)  # nothing to watch yet
    make_ready_entry()  # another contest's
    ranked: Any = results.ranking(contest)
    assert [(e, e.votes_for, e.votes_against, e.score) for e in ranked] == [
        (liked, 2, 0, 2),
        (disputed, 3, 2, 1),
        (quiet, 1, 0, 1),
        (late, 1, 0, 1),
        (disliked, 0, 1, -1),
    ]
