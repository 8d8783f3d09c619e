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
    make(State.RUNNING, 400, percent=75)
    make(State.RUNNING, 400, percent=25)
    mine = make(State.QUEUED, 100, queued_at=ago(10))
    # (100 + 300) bytes ahead over two workers, then 100 of its own, at 20 bytes a second.
    assert progress.of(mine, NOW) == Progress(State.QUEUED, 0, 1, 15)


def test_a_running_conversion_is_judged_by_itself():
    mine = make(State.RUNNING, percent=25, started_at=ago(30))
    assert progress.of(mine, NOW) == Progress(State.RUNNING, 25, None, 90)


def test_one_that_has_just_begun_is_judged_by_the_others():
    measured()
    mine = make(State.RUNNING, 100, percent=1, started_at=ago(1))
    assert progress.of(mine, NOW) == Progress(State.RUNNING, 1, None, 5)


@pytest.mark.parametrize("state", [State.SUCCEEDED, State.FAILED, State.DEAD, State.CANCELLED])
def test_what_has_ended_waits_for_nothing(state):
    measured()
    mine = make(state, percent=40)
    assert progress.of(mine, NOW) == Progress(state, 40, None, None)
