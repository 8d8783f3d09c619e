"""A worker while something that it needs is away; nothing is lost, and nothing done twice."""

import pytest

from backends import queue
from backends.queue import Depth
from contests.models import Conversion, Notification, State
from contests.submitting import submit_file
from tests import media
from tests.factories import make_contest
from tests.waiting import until

pytestmark = [pytest.mark.aws, pytest.mark.slow]

EMPTY = Depth(visible=0, in_flight=0, delayed=0, dead=0)


@pytest.fixture
def submitted(work):
    """Submit a video; return its conversion."""

    def submit(clip: str = "wmv2") -> Conversion:
        contest = make_contest()
        about = {"title": "T", "first_name": "A", "email": "a@example.org"}
        return submit_file(contest, media.clip(clip), language="en", **about).conversions.get()

    return submit


def facts(conversion: Conversion) -> tuple[str, int, int]:
    conversion.refresh_from_db()
    return conversion.state, conversion.attempt, conversion.failures


def is_ready(conversion: Conversion) -> bool:
    return facts(conversion)[0] == State.SUCCEEDED


def encodes(conversion: Conversion) -> bool:
    conversion.refresh_from_db()
    return conversion.percent > 0


@pytest.mark.parametrize("part", ["database", "bucket", "queue"])
def test_started_without_a_part_it_waits_for_it(distributed, work, submitted, part):
    conversion = submitted()
    proxy = getattr(distributed, part)
    proxy.cut()
    seen = proxy.connections
    work()
    until(lambda: proxy.connections >= seen + 2)  # it asks again
    assert facts(conversion) == (State.QUEUED, 0, 0)
    assert queue.depth() == Depth(visible=1, in_flight=0, delayed=0, dead=0)
    proxy.mend()
    until(lambda: is_ready(conversion))
    assert facts(conversion) == (State.SUCCEEDED, 1, 0)
    until(lambda: queue.depth() == EMPTY)


def test_when_the_database_goes_in_the_middle_another_attempt_makes_it_ready_once(
    distributed, work, submitted
):
    conversion = submitted("wmv2_long")
    work()
    until(lambda: encodes(conversion))
    distributed.database.cut()
    seen = distributed.database.connections
    until(lambda: distributed.database.connections >= seen + 5)
    distributed.database.mend()
    until(lambda: is_ready(conversion), 120)
    assert conversion.renditions.filter(kind="mp4").count() == 1
    assert Notification.objects.filter(kind="ready").count() == 1
    until(lambda: queue.depth() == EMPTY)


def test_when_the_queue_goes_in_the_middle_the_row_keeps_the_conversion(
    distributed, work, submitted
):
    conversion = submitted("wmv2_long")
    work()
    until(lambda: facts(conversion)[0] == State.RUNNING)
    distributed.queue.cut()
    until(lambda: is_ready(conversion), 120)
    assert facts(conversion) == (State.SUCCEEDED, 1, 0)
    distributed.queue.mend()
    until(lambda: queue.depth() == EMPTY)


def test_when_the_bucket_goes_in_the_middle_it_is_tried_again(distributed, work, submitted):
    conversion = submitted("wmv2_long")
    work()
    until(lambda: encodes(conversion))
    distributed.bucket.cut()
    until(lambda: conversion.refresh_from_db() or conversion.failures, 120)
    distributed.bucket.mend()
    until(lambda: is_ready(conversion), 120)
    assert facts(conversion) == (State.SUCCEEDED, 2, 1)
