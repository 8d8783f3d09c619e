"""Messages come twice, for what is over, and make no sense."""

from typing import Any

from django.utils import timezone

from backends import queue
from contests.converting import ring
from contests.deleting import delete_contest
from contests.models import Conversion, State
from contests.withdrawing import withdraw
from tests.factories import make_contest


def test_sent_twice_it_is_converted_once(world):
    conversion = world.submit()
    ring(conversion.pk)
    for _ in range(2):
        world.start("before contests.converting:finish 1 wait=3")
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (1, 0)
    world.check_stored()


def test_what_is_over_stays_as_it_is(world, tmp_path):
    no_video = tmp_path / "text.wmv"
    no_video.write_bytes(b"\0" + b"no video at all\n" * 100)
    ready, failed, withdrawn = world.submit(), world.submit_path(no_video), world.submit()
    withdraw(withdrawn.entry, timezone.now())  # their messages, sent before, are still there
    ours, world.contest = world.contest, make_contest()
    world.submit()
    delete_contest(world.contest)
    world.contest = ours
    worker = world.start()
    world.settle()
    before = list(Conversion.objects.order_by("pk").values())
    for conversion in (ready, failed, withdrawn):
        ring(conversion.pk)
    world.settle()
    assert worker.poll() is None
    assert list(Conversion.objects.order_by("pk").values()) == before
    world.check({ready: State.SUCCEEDED, failed: State.FAILED, withdrawn: State.CANCELLED})
    assert [world.tries(each) for each in (ready, failed, withdrawn)] == [(1, 0), (1, 0), (0, 0)]


_NAMELESS: list[Any] = [[], {}, "x", {"conversion": "1"}, {"conversion": True}, {"conversion": 1.0}]
_UNKNOWN = [0, -1, 10**6, 2**31, 2**63, 10**30]


def test_what_makes_no_sense_keeps_nobody_from_the_next(world):
    for body in _NAMELESS:
        queue.send(body)
    for number in _UNKNOWN:
        queue.send({"conversion": number})
    conversion = world.submit()
    ring(conversion.pk)
    queue.send({"conversion": conversion.pk, "colour": "blue"})
    world.start()
    world.check({conversion: State.SUCCEEDED}, dead_letters=len(_NAMELESS))
    assert world.tries(conversion) == (1, 0)
