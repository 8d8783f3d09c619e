"""Workers that hold a conversion for long, that stand still, that can't renew their lease."""

import signal
from datetime import timedelta

from django.utils import timezone

from backends import queue
from backends.queue import Depth
from contests.models import State
from tests.processes import is_running
from tests.waiting import until

_LEASE = 3  # seconds
_SHORT = {"VIDEOSHARE_LEASE_SECONDS": str(_LEASE), "VIDEOSHARE_HEARTBEAT_SECONDS": "1"}


def test_who_stood_still_for_longer_than_its_lease_publishes_nothing(world):
    conversion = world.submit()
    # It does not sweep: who stands still in the middle of a write locks a SQLite database for all.
    no_sweep = "before contests.sweeping:sweep * wait=300"
    frozen = world.start(no_sweep, "before contests.converting:finish 1 freeze")
    world.wait_for_freeze(frozen)  # all is stored
    world.start()
    until(lambda: world.reread(conversion).state == State.SUCCEEDED)
    frozen.send_signal(signal.SIGCONT)
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (2, 1)
    world.check_stored()


def test_what_takes_five_leases_is_received_once(world):
    conversion = world.submit()
    for _ in range(2):
        world.start("before contests.converting:finish 1 wait=16", **_SHORT)
    until(lambda: world.reread(conversion).state == State.RUNNING)
    five_leases = world.reread(conversion).started_at + timedelta(seconds=5 * _LEASE)
    until(lambda: timezone.now() > five_leases)
    # The other worker would have deleted what it had found to be in work already.
    assert queue.depth() == Depth(visible=0, in_flight=1, delayed=0, dead=0)
    assert world.reread(conversion).state == State.RUNNING
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (1, 0)


def test_who_can_not_renew_its_lease_kills_ffmpeg_before_another_may_begin(world):
    conversion = world.submit("avi_mjpeg_pcm")
    fault = "before contests.converting:heartbeat 1-4 fail=django.db:OperationalError"
    ffmpeg = world.freeze_ffmpeg(world.start(fault, slow=True))
    lease_until = world.reread(conversion).lease_until
    until(lambda: not is_running(ffmpeg))
    assert timezone.now() < lease_until
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (2, 0)  # given back: nothing had to be taken from it
    world.check_stored()
