from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from contests import progress
from contests.models import Conversion, State
from contests.progress import Progress
from tests.factories import make_entry, make_upload

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def make(state, size=100, **fields):
    """A conversion of a source of `size` bytes."""
    entry = make_entry(state=state, upload=make_upload(size=size))
    Conversion.objects.filter(entry=entry).update(**fields)
    return entry.conversions.get()


def measured():
    """Past conversions: 400 bytes in 20 seconds altogether."""
    for size, seconds in ((100, 2), (300, 18)):
        started = NOW - timedelta(minutes=5)
        finished = started + timedelta(seconds=seconds)
        make(State.SUCCEEDED, size, started_at=started, finished_at=finished)


def ago(seconds):
    return NOW - timedelta(seconds=seconds)


def test_before_anything_was_measured_there_is_a_place_but_no_time():
    make(State.QUEUED, queued_at=ago(20))
    mine = make(State.QUEUED, queued_at=ago(10))
    make(State.QUEUED, queued_at=ago(5))
    assert progress.of(mine, NOW) == Progress(State.QUEUED, 0, 2, None)


def test_nobody_waits_for_themselves():
    mine = make(State.QUEUED, queued_at=Now())  # as a submission writes it
    assert progress.of(mine, NOW) == Progress(State.QUEUED, 0, 1, None)


def test_the_queue_ahead_and_the_own_file_take_their_measured_time():
    measured()
    make(State.QUEUED, 200, queued_at=ago(20))
    mine = make(State.QUEUED, 100, queued_at=ago(10))
    assert progress.of(mine, NOW) == Progress(State.QUEUED, 0, 2, 15)


def test_what_runs_counts_by_what_is_left_and_each_worker_takes_its_share():
    measured()
    make(State.RUNNING, 400, ready_at=ago(-3))
    make(State.RUNNING, 100)
    mine = make(State.QUEUED, 200, queued_at=ago(10))
    # 3 seconds and 100 bytes are left over two workers, then 200 bytes, at 20 bytes a second.
    assert progress.of(mine, NOW) == Progress(State.QUEUED, 0, 1, 14)


def test_a_running_conversion_is_ready_when_its_worker_expects_it():
    mine = make(State.RUNNING, percent=25, ready_at=ago(-90))
    assert progress.of(mine, NOW) == Progress(State.RUNNING, 25, None, 90)


def test_what_is_late_is_not_ready_in_the_past():
    measured()
    mine = make(State.RUNNING, percent=95, ready_at=ago(2))
    assert progress.of(mine, NOW) == Progress(State.RUNNING, 95, None, 0)


def test_one_that_its_worker_has_not_looked_into_is_judged_by_the_others():
    mine = make(State.RUNNING, 100)
    assert progress.of(mine, NOW) == Progress(State.RUNNING, 0, None, None)
    measured()
    assert progress.of(mine, NOW) == Progress(State.RUNNING, 0, None, 5)


def test_the_crowd_costs_no_more_queries(django_assert_num_queries):
    measured()
    mine = make(State.QUEUED)
    mine = Conversion.objects.select_related("entry__upload").get(pk=mine.pk)
    for crowd in range(2):
        for _ in range(3 * crowd):
            make(State.QUEUED, queued_at=ago(20))
            make(State.RUNNING)
            measured()
        with django_assert_num_queries(3):
            progress.of(mine, NOW)


def test_what_was_done_at_the_usual_speed_is_expected_to_go_on_so():
    assert progress.expected_seconds(0.5, 10, 20) == pytest.approx(20)


def test_at_first_what_others_took_counts_and_later_what_was_measured():
    shares = (0, 0.01, 0.25, 1)
    expected = [progress.expected_seconds(share, 40 * share, 20) for share in shares]
    assert expected == pytest.approx([20, 25, 37.86, 39.42], abs=0.01)


def test_without_others_nothing_is_expected_before_there_is_something_to_measure():
    assert progress.expected_seconds(0, 3, None) is None
    assert progress.expected_seconds(0.25, 10, None) == 40


def test_speed_is_time_over_work_of_the_latest_that_had_any():
    assert progress.seconds_per_megapixel() is None
    for seconds, megapixels in ((2, 0), (9, None), (10, 100), (20, 50)):
        make(
            State.SUCCEEDED,
            started_at=ago(100),
            finished_at=ago(100 - seconds),
            megapixels=megapixels,
        )
    assert progress.seconds_per_megapixel() == 0.2


@pytest.mark.parametrize("state", [State.SUCCEEDED, State.FAILED, State.DEAD, State.CANCELLED])
def test_what_has_ended_waits_for_nothing(state):
    measured()
    mine = make(state, percent=40)
    assert progress.of(mine, NOW) == Progress(state, 40, None, None)
