"""Workers are told to stop: by SIGTERM, as systemd does and whatever makes the fleet smaller."""

from django.utils import timezone

from contests.models import State
from tests.waiting import until

_RELEASES = 20  # as often as the queue hands out one message, before it makes it a dead letter


def test_what_fits_in_the_grace_is_finished(world):
    conversion = world.submit()
    worker = world.start("before backends.storage:put 1 wait=1")
    until(lambda: world.reread(conversion).state == State.RUNNING)
    worker.terminate()
    assert worker.wait(30) == 0
    assert world.reread(conversion).state == State.SUCCEEDED
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (1, 0)


def test_what_does_not_fit_runs_elsewhere_two_seconds_later_and_is_no_failure(world, capsys):
    conversion = world.submit("avi_mjpeg_pcm")
    worker = world.start(options="--grace 0", slow=True)
    world.freeze_ffmpeg(worker)
    world.start()
    at_the_other = world.submit("flv_h264_aac")
    until(lambda: world.reread(at_the_other).state == State.SUCCEEDED)
    told = timezone.now()
    worker.terminate()
    until(lambda: world.reread(conversion).attempt == 2)
    took = (world.reread(conversion).started_at - told).total_seconds()
    with capsys.disabled():
        print(f"\ntold to stop, and running elsewhere {took:.1f} s later")
    assert took <= 2
    world.check({conversion: State.SUCCEEDED, at_the_other: State.SUCCEEDED})
    assert world.tries(conversion) == (2, 0)
    world.check_stored()


def test_given_back_again_and_again_it_is_neither_dead_nor_a_dead_letter(world):
    conversion = world.submit()
    faults = [f"again {_RELEASES - 1}", "after backends.storage:fetch 1 stop"]
    stopping = world.start(*faults, options="--grace 0", slow=True)
    assert stopping.wait(120) == 0
    assert world.tries(conversion) == (_RELEASES, 0)
    world.start()
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (_RELEASES + 1, 0)
    world.check_stored()
