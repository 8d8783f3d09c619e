"""A worker is killed, as by SIGKILL, at each step of a conversion; another one takes over."""

import time

import pytest
from django.db.models.functions import Now

from contests.models import Notification, State
from tests.faults.world import LEASE
from tests.waiting import until


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("before backends.storage:fetch 1 kill", id="before the download"),
        pytest.param("after backends.storage:fetch 1 kill", id="after the download"),
        pytest.param("before backends.storage:put 2 kill", id="between video and poster"),
        pytest.param("before contests.converting:finish 1 kill", id="after upload, before commit"),
        pytest.param("before contests.notifying:notify 1 kill", id="in the transaction"),
    ],
)
def test_before_the_commit_another_worker_does_it_all(world, fault):
    conversion = world.submit()
    world.start(fault).wait(30)
    world.start()
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (2, 1)


def test_in_the_middle_of_ffmpeg_another_worker_goes_on_within_a_lease(world, capsys):
    conversion = world.submit("avi_dv")
    worker = world.start(slow=True)
    until(lambda: world.reread(conversion).state == State.RUNNING)
    world.start()
    world.wait_for_ffmpeg(worker)
    worker.kill()
    died = time.monotonic()
    until(lambda: world.reread(conversion).attempt == 2)
    took = time.monotonic() - died
    with capsys.disabled():
        print(f"\nkilled, and running elsewhere {took:.1f} s later; a lease is {LEASE} s")
    assert took <= LEASE + 2
    world.check({conversion: State.SUCCEEDED})


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("before contests.notifying:_send 1 kill", id="before the mail"),
        pytest.param("before backends.queue:delete 1 kill", id="before the message is deleted"),
    ],
)
def test_after_the_commit_nothing_is_done_again(world, fault):
    conversion = world.submit()
    world.start(fault).wait(30)
    world.start()
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (1, 0)


def test_between_mail_accepted_and_marked_it_is_mailed_twice_at_most(world):
    conversion = world.submit()
    world.start("after django.core.mail:EmailMultiAlternatives.send 1 kill").wait(30)
    unsent = Notification.objects.filter(sent_at=None)
    assert unsent.count() == 1
    unsent.update(due_at=Now())  # rather than wait until the dead worker's claim on it ends
    world.start()
    world.check({conversion: State.SUCCEEDED}, mailed_twice=1)
