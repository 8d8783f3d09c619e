"""Sources are poison, our own parts fail again and again, disks are full, programs hang, workers
crash."""

import signal

import pytest
from django.core.management import call_command

from contests.models import State
from tests import media
from tests.processes import is_running
from tests.waiting import until

_READY = State.SUCCEEDED


def test_poison_is_refused_at_the_first_attempt(world, tmp_path):
    text, half = tmp_path / "text.wmv", tmp_path / "half.mp4"
    # As an ASF file begins, and enough for the first look at it.
    text.write_bytes(bytes.fromhex("3026b2758e66cf11") + b"\0" + b"no video at all\n" * 1000)
    half.write_bytes(media.clip("mp4").read_bytes()[: media.clip("mp4").stat().st_size // 2])
    ended = {world.submit_path(path): State.FAILED for path in (text, half)}
    good = world.submit()
    world.start()
    world.check(ended | {good: _READY})
    assert [world.tries(each) for each in (*ended, good)] == [(1, 0)] * 3
    world.check_stored()


def test_what_fails_five_times_is_dead_until_it_is_driven_again(world, capsys):
    conversion = world.submit()
    world.start("before backends.storage:put 1-5 fail")
    world.settle()
    dead = world.reread(conversion)
    assert (dead.state, dead.attempt, dead.failures) == (State.DEAD, 5, 5)
    assert dead.error == "OSError: an injected fault (happen)"
    call_command("redrive", "--dead")
    assert capsys.readouterr().out == "queued again: 1\n"
    world.check({conversion: _READY})
    assert world.tries(conversion) == (6, 0)
    world.check_stored()


@pytest.mark.parametrize(
    "clip, disk, error",
    [
        pytest.param("avi_mjpeg_pcm", "100k", "OSError: [Errno 28]", id="the source"),
        pytest.param("wmv2", "260k", "ToolFailed: ", id="the result"),
    ],
)
def test_where_the_disk_is_full_it_is_our_fault(world, capfd, clip, disk, error):
    conversion = world.submit(clip)
    worker = world.start_on_disk(disk)
    until(lambda: world.reread(conversion).state == State.DEAD, 60)
    found = world.reread(conversion).error
    assert found.startswith(error)
    assert "No space left on device" in found
    assert world.tries(conversion) == (5, 5)
    written = capfd.readouterr().err
    assert written.count("Traceback") <= 5
    worker.terminate()
    assert worker.wait(30) == 0
    call_command("redrive", "--dead")
    world.start()
    world.check({conversion: _READY})
    world.check_stored()


def test_a_program_that_hangs_is_killed_and_the_next_job_is_fine(world):
    conversion = world.submit("webm")  # so small that it may take ten seconds
    ffmpeg = world.freeze_ffmpeg(world.start(slow=True))
    until(lambda: world.reread(conversion).state == State.FAILED)
    assert world.reread(conversion).reason == "too_heavy"
    until(lambda: not is_running(ffmpeg))
    good = world.submit("flv_h264_aac")
    world.check({conversion: State.FAILED, good: _READY})
    assert (world.tries(conversion), world.tries(good)) == ((1, 0), (1, 0))


def test_a_fleet_of_four_becomes_one_and_all_are_ready_once(world):
    conversions = [world.submit("flv_h264_aac") for _ in range(12)]
    # It hears of that before it could be ready.
    stopped = [f"after backends.storage:fetch 2 {what}" for what in ("stop", "wait=1")]
    leaving = [
        world.start("before backends.storage:put 4 kill"),  # in its first conversion
        world.start("before contests.converting:finish 2 kill"),
        world.start(*stopped, options="--grace 0"),
    ]
    world.start()
    assert [worker.wait(60) for worker in leaving] == [-signal.SIGKILL, -signal.SIGKILL, 0]
    world.check(dict.fromkeys(conversions, _READY))
    attempts, failures = zip(*map(world.tries, conversions), strict=True)
    # Whoever is killed may hold what the third gave back.
    assert (sum(attempts), sum(failures)) == (len(conversions) + 3, 2)


def test_what_crashes_every_worker_is_dead_and_the_others_are_unharmed(world):
    poison, *others = [world.submit("flv_h264_aac") for _ in range(4)]
    fault = f"before contests.converting:finish id={poison.pk} kill"
    short = {"VIDEOSHARE_LEASE_SECONDS": "2", "VIDEOSHARE_HEARTBEAT_SECONDS": "1"}
    world.start("again 5", fault, **short)
    world.check({poison: State.DEAD} | dict.fromkeys(others, _READY))
    assert world.tries(poison) == (5, 5)
    assert world.reread(poison).error == "the worker vanished"
    assert [world.tries(each) for each in others] == [(1, 0)] * 3
