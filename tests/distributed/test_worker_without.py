"""A worker while something that it needs is away; nothing is lost, and nothing done twice."""

import pytest
from django.db.models.functions import Now

from backends import queue
from backends.queue import Depth
from contests.models import Conversion, Notification, State
from tests.distributed.conftest import encodes, facts
from tests.processes import naming
from tests.waiting import until

pytestmark = [pytest.mark.aws, pytest.mark.slow]

SLOW = "-preset placebo -refs 4 -threads 1"
EMPTY = Depth(visible=0, in_flight=0, delayed=0, dead=0)


def is_ready(conversion: Conversion) -> bool:
    return facts(conversion)[0] == State.SUCCEEDED


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


def test_while_the_queue_is_silent_the_row_keeps_its_lease(distributed, work, submitted):
    conversion = submitted("wmv2_long")
    work(VIDEOSHARE_FFMPEG_ARGS=SLOW)
    until(lambda: encodes(conversion))
    distributed.queue.clog()
    row = Conversion.objects.filter(pk=conversion.pk)
    for _ in range(6):  # heartbeats, longer than the lease
        last = row.values_list("lease_until", flat=True).get()
        until(lambda: row.filter(lease_until__gt=last).exists())  # noqa: B023 - asked at once
    assert facts(conversion) == (State.RUNNING, 1, 0)
    distributed.queue.mend()


def test_when_the_database_falls_silent_ffmpeg_ends_before_another_may_begin(
    distributed, work, submitted
):
    conversion = submitted("wmv2_long")
    worker = work(VIDEOSHARE_FFMPEG_ARGS=SLOW, VIDEOSHARE_LEASE_SECONDS="7")
    until(lambda: encodes(conversion))
    assert naming(f"/{worker.pid}-")  # its work folder
    distributed.database.clog()
    until(lambda: not naming(f"/{worker.pid}-"))
    row = Conversion.objects.filter(pk=conversion.pk)
    assert row.filter(state=State.RUNNING, lease_until__gt=Now()).exists()
    distributed.database.mend()
    until(lambda: facts(conversion)[:2] == (State.RUNNING, 2), 60)


def test_when_the_bucket_goes_in_the_middle_it_is_tried_again(distributed, work, submitted):
    conversion = submitted("wmv2_long")
    work()
    until(lambda: encodes(conversion))
    distributed.bucket.cut()
    until(lambda: conversion.refresh_from_db() or conversion.failures, 120)
    distributed.bucket.mend()
    until(lambda: is_ready(conversion), 120)
    assert facts(conversion) == (State.SUCCEEDED, 2, 1)
