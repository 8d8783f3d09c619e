"""The forecast, against a simulation that goes event by event, and what holds for any queue."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contests.capacity import Fleet, Forecast, even, forecast, ready_times

# Whole seconds: their sums are exact.
TIMES = st.integers(-600, 3600).map(float)
ARRIVALS = st.lists(TIMES, max_size=30).map(sorted)
BUSY = st.lists(st.integers(0, 600).map(float), max_size=4).map(tuple)
FLEETS = st.builds(
    lambda idle, seconds, busy: Fleet(max(1, idle + len(busy)), float(seconds), busy),
    *(st.integers(0, 3), st.integers(0, 300), BUSY),
)


def simulated(arrivals, fleet):
    """When each is ready, going from one moment at which something happens to the next."""
    now, ends, waiting, ready = 0.0, list(fleet.busy), list(arrivals), []
    while waiting:
        ends = [end for end in ends if end > now]
        if waiting[0] <= now and len(ends) < fleet.slots:
            waiting.pop(0)
            ready.append(now + fleet.seconds)
            ends.append(ready[-1])
        else:
            now = min(moment for moment in (*ends, *waiting) if moment > now)
    return ready


@given(ARRIVALS, FLEETS)
def test_as_simulated_event_by_event(arrivals, fleet):
    assert list(ready_times(arrivals, fleet)) == simulated(arrivals, fleet)


@given(ARRIVALS, FLEETS, st.integers(1, 3))
def test_more_workers_are_never_later(arrivals, fleet, more):
    larger = Fleet(fleet.slots + more, fleet.seconds, fleet.busy)
    pairs = zip(ready_times(arrivals, larger), ready_times(arrivals, fleet), strict=True)
    assert [(quick, slow) for quick, slow in pairs if quick > slow] == []


@given(ARRIVALS, FLEETS, st.integers(0, 60))
def test_longer_conversions_are_never_ready_earlier(arrivals, fleet, longer):
    slower = Fleet(fleet.slots, fleet.seconds + longer, fleet.busy)
    pairs = zip(ready_times(arrivals, fleet), ready_times(arrivals, slower), strict=True)
    assert [(quick, slow) for quick, slow in pairs if quick > slow] == []


@given(st.integers(0, 50), st.integers(1, 6), st.integers(0, 300))
def test_when_nothing_comes_the_queue_drains_in_rounds(waiting, slots, seconds):
    found = forecast([-1.0] * waiting, [], Fleet(slots, seconds), deadline=1e6)
    assert found == Forecast(math.ceil(waiting / slots) * seconds, 0, 0.0, 0)


@given(ARRIVALS, ARRIVALS, FLEETS, TIMES, st.integers(1, 3))
def test_so_many_more_workers_do_it_and_one_less_does_not(ours, others, fleet, deadline, each):
    def late(workers):
        larger = Fleet(fleet.slots + workers * each, fleet.seconds, fleet.busy)
        return forecast(ours, others, larger, deadline, each).late

    more = forecast(ours, others, fleet, deadline, each).more
    if more is None:
        assert late(len(ours + others)) > 0
    else:
        assert late(more) == 0
        assert more == 0 or late(more - 1) > 0


def test_late_ones_are_counted_with_the_worst():
    # Ready at 100, 200, …, 500.
    found = forecast([-1.0] * 5, [], Fleet(1, 100), deadline=250)
    assert found == Forecast(ready=500, late=3, by=250, more=2)


def test_a_worker_brings_its_slots():
    assert forecast([-1.0] * 5, [], Fleet(1, 100), 250, slots_of_worker=2).more == 1


def test_others_count_where_they_stand_in_the_queue():
    # The first two before ours, the last after it.
    found = forecast([-5.0], [-9.0, -8.0, -1.0], Fleet(1, 100), deadline=300)
    assert found == Forecast(ready=300, late=0, by=0.0, more=0)


def test_who_comes_at_the_last_moment_is_late_only_for_having_to_wait():
    assert forecast([90.0], [], Fleet(1, 60), deadline=100).late == 0
    assert forecast([90.0, 91.0], [], Fleet(1, 60), deadline=100) == Forecast(0.0, 1, 59.0, 1)


def test_what_waits_already_has_to_be_ready_by_the_deadline():
    assert forecast([-1.0], [], Fleet(1, 60), deadline=50) == Forecast(60, 1, 10, None)


def test_without_workers_nothing_is_ever_ready():
    assert forecast([-1.0], [], Fleet(0, 60), deadline=100) == Forecast(math.inf, 1, math.inf, 1)


@pytest.mark.parametrize(
    "pace, until, expected",
    [(0, 60, []), (0.1, 40, [5, 15, 25, 35]), (0.1, 4, []), (0.1, -40, []), (2, 1, [0.25, 0.75])],
)
def test_an_even_pace(pace, until, expected):
    assert even(pace, until) == expected
