"""Counts by state."""

from typing import Any

import pytest
from django.utils import timezone

from contests import overview
from contests.models import Ballot, Choice, Entry, State
from tests.factories import (
    make_contest,
    make_conversion,
    make_entry,
    make_ready_entry,
    make_voter,
)

pytestmark = pytest.mark.django_db


def test_counts_each_contest_on_its_own() -> None:
    first, second = make_contest(), make_contest()
    entry = make_ready_entry(first)
    make_entry(first, state=State.FAILED, reason="no_video")
    make_entry(first)
    ballot = Ballot.objects.create(voter=make_voter(first))
    Choice.objects.create(ballot=ballot, entry=entry, value=Choice.Value.AGAINST)
    states = {State.SUCCEEDED: 1, State.FAILED: 1, State.QUEUED: 1}
    seen = overview.of([first, second])
    assert seen == {
        first.pk: overview.Overview(states, votes=1),
        second.pk: overview.Overview({}, votes=0),
    }
    assert (seen[first.pk].entries, seen[second.pk].entries) == (3, 0)


def test_an_entry_counts_once_by_its_latest_conversion() -> None:
    entry = make_entry(state=State.FAILED, reason="truncated")
    make_conversion(entry, State.RUNNING)
    assert overview.of([entry.contest])[entry.contest_id].states == {State.RUNNING: 1}


def test_what_is_public_counts_as_ready_while_it_is_converted_again() -> None:
    entry = make_ready_entry()
    make_conversion(entry, State.FAILED, reason="damaged")
    seen: Any = overview.with_state(Entry.objects.all())
    assert list(seen.values_list("state", "reason")) == [(State.SUCCEEDED, "")]


def test_a_withdrawn_entry_is_cancelled_whatever_became_of_its_conversion() -> None:
    entry = make_entry(state=State.FAILED, reason="damaged", withdrawn_at=timezone.now())
    seen: Any = overview.with_state(Entry.objects.all())
    assert list(seen.values_list("state", "reason")) == [(State.CANCELLED, "")]
    assert overview.of([entry.contest])[entry.contest_id].states == {State.CANCELLED: 1}
