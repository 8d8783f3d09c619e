"""Real worker processes that are stopped and killed in the middle of a conversion."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from backends import queue
from backends.instance import instance_id
from backends.queue import Depth
from contests.deleting import delete_contest
from contests.models import Conversion, Notification, State, Worker
from contests.submitting import submit_file
from contests.withdrawing import withdraw
from tests import media
from tests.factories import make_contest
from tests.waiting import until
from videoshare.config import ROOT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(settings) -> Iterator[Start]:
    """Start workers on this test's database and files; a slow one has time to be disturbed."""
    settings.DATA.mkdir(parents=True, exist_ok=True)
    (settings.DATA / "db.sqlite3").symlink_to(connection.settings_dict["NAME"])
    started = []

    def start(*args: str, slow: bool = False, lease: int = 4) -> "subprocess.Popen[bytes]":
        environ = os.environ | {
            "VIDEOSHARE_DATA": str(settings.DATA),
            "VIDEOSHARE_LEASE_SECONDS": str(lease),
            "VIDEOSHARE_HEARTBEAT_SECONDS": "1",
            "VIDEOSHARE_FFMPEG_ARGS": "-preset placebo -refs 4 -threads 1" if slow else "",
        }
        command = [sys.executable, "-m", "workerjob", *args]
        process = subprocess.Popen(command, cwd=ROOT, env=environ)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def conversion() -> Conversion:
    entry = submit_file(
        make_contest(),
        media.clip("wmv2_long"),
        language="en",
        title="T",
        first_name="A",
        email="a@example.org",
    )
    return entry.conversions.get()


def state(conversion: Conversion) -> str:
    conversion.refresh_from_db()
    return conversion.state


def ffmpegs_of(folder: Path) -> list[str]:
    """Return the command lines of the processes that work in a worker's folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:  # it has just ended
            continue
        if str(folder) in words:
            found.append(words)
    return found


def begin(worker: "subprocess.Popen[bytes]", conversion: Conversion, settings) -> Path:
    """Wait until the worker's ffmpeg is at it; return the worker's folder."""
    [folder] = until(lambda: list(settings.WORK_ROOT.glob(f"{worker.pid}-*")))
    until(lambda: any("libx264" in words for words in ffmpegs_of(folder)))
    # Until then the box is being built, and bubblewrap not yet bound to die with its parent.
    until(lambda: list(folder.rglob("video.mp4")))
    return folder


def test_killed_in_the_middle_the_entry_becomes_ready_elsewhere_once(start, conversion, settings):
    first = start(slow=True)
    folder = begin(first, conversion, settings)
    first.kill()
    first.wait()
    until(lambda: not ffmpegs_of(folder))  # it dies with its worker
    second = start()
    until(lambda: state(conversion) == State.SUCCEEDED, 60)
    assert (conversion.attempt, conversion.failures) == (2, 1)
    assert conversion.renditions.count() == 5
    until(lambda: Notification.objects.filter(kind="ready").exclude(sent_at=None).count() == 1)
    mails = list(settings.MAIL_ROOT.glob("*.eml"))
    assert len(mails) == 1
    second.terminate()
    assert second.wait(30) == 0
    assert list(settings.WORK_ROOT.iterdir()) == []  # the dead one's leftovers too
    assert queue.depth() == Depth(visible=0, in_flight=0, delayed=0, dead=0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_now_it_gives_the_conversion_back(start, conversion, settings, number):
    worker = start("--grace", "0", slow=True)
    folder = begin(worker, conversion, settings)
    worker.send_signal(number)
    assert worker.wait(30) == 0
    assert state(conversion) == State.QUEUED
    assert (conversion.attempt, conversion.failures) == (1, 0)
    assert queue.depth() == Depth(visible=1, in_flight=0, delayed=0, dead=0)
    assert not folder.exists()
    assert not ffmpegs_of(folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_given_back_is_taken_by_another_before_any_lease_is_out(
    start, conversion, settings, number
):
    first = start("--grace", "0", "--concurrency", "2", slow=True, lease=600)
    begin(first, conversion, settings)
    second = start(slow=True, lease=600)
    until(lambda: list(settings.WORK_ROOT.glob(f"{second.pid}-*")))
    first.send_signal(number)
    until(lambda: state(conversion) == State.RUNNING and conversion.attempt == 2)
    assert (conversion.worker.endswith(f"-{second.pid}"), conversion.failures) == (True, 0)
    assert first.wait(30) == 0


def test_told_again_it_gives_back_at_once(start, conversion, settings):
    worker = start("--grace", "600", slow=True)
    begin(worker, conversion, settings)
    worker.terminate()
    until(lambda: worker.send_signal(signal.SIGTERM) or worker.poll() is not None)
    assert worker.wait() == 0
    assert (state(conversion), conversion.failures) == (State.QUEUED, 0)


@pytest.mark.parametrize("attempt", range(3))
def test_a_burst_of_signals_stops_it_as_one_does(start, settings, attempt):
    worker = start()
    until(lambda: list(settings.WORK_ROOT.glob(f"{worker.pid}-*")))
    while worker.poll() is None:
        for number in (signal.SIGTERM, signal.SIGINT):
            worker.send_signal(number)
    assert worker.wait() == 0


def test_told_to_stop_it_finishes_what_fits_in_the_grace(start, conversion, settings):
    worker = start("--grace", "60")
    until(lambda: state(conversion) == State.RUNNING and conversion.percent > 0)
    worker.terminate()
    assert worker.wait(60) == 0
    assert state(conversion) == State.SUCCEEDED


def test_what_is_deleted_in_the_middle_leaves_no_ffmpeg_and_no_file(start, conversion, settings):
    worker = start(slow=True)
    folder = begin(worker, conversion, settings)
    delete_contest(conversion.entry.contest)
    until(lambda: not folder.exists() or not list(folder.iterdir()))
    assert not ffmpegs_of(folder)
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []
    worker.terminate()
    assert worker.wait(30) == 0


def test_what_is_withdrawn_in_the_middle_leaves_no_ffmpeg_and_no_file(start, conversion, settings):
    worker = start(slow=True)
    folder = begin(worker, conversion, settings)
    withdraw(conversion.entry, timezone.now())
    until(lambda: not ffmpegs_of(folder))
    until(lambda: not list(folder.iterdir()))
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []
    assert state(conversion) == State.CANCELLED
    worker.terminate()
    assert worker.wait(30) == 0
    assert Notification.objects.filter(kind__in=("ready", "failed")).count() == 0


def test_the_fleet_knows_it_as_long_as_it_lives(start):
    worker = start("--concurrency", "2")
    (known,) = until(lambda: list(Worker.objects.all()))
    name = f"{instance_id()}-{worker.pid}"
    assert (known.name, known.concurrency, known.draining) == (name, 2, False)
    worker.terminate()
    assert worker.wait(30) == 0
    assert not Worker.objects.exists()


def test_burst_ends_when_nothing_waits(start, conversion):
    assert start("--burst").wait(60) == 0
    assert state(conversion) == State.SUCCEEDED
    assert mail.outbox[0].to == ["a@example.org"]


def test_a_broken_configuration_is_one_line_and_exit_1(start, monkeypatch):
    monkeypatch.setenv("VIDEOSHARE_PORT", "many")
    assert start("--burst").wait(30) == 1
