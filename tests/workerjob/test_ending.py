"""A conversion that is cancelled, killed, too slow or fooled leaves nothing behind."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from contests.reasons import Refused
from tests import media
from tests.looking import everything_in
from tests.waiting import until
from workerjob import sandbox
from workerjob.convert import Cancelled, ToolFailed, Tools, convert
from workerjob.outputs import validate_ffmpeg_args
from workerjob.sandbox import Limits

ROOT = Path(__file__).resolve().parents[2]


def running_with(mark: str) -> list[str]:
    """The processes that have `mark` on their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in path.read_bytes():
                found.append(path.parent.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


both_ways = pytest.mark.parametrize("boxed", sorted({False, sandbox.available()}))


@both_ways
def test_cancelling_kills_ffmpeg_and_publishes_nothing(boxed: bool, tmp_path: Path) -> None:
    mark = f"3{os.getpid()}111"
    tools = Tools(sandboxed=boxed, ffmpeg_args=validate_ffmpeg_args(f"-maxrate {mark} -bufsize 9M"))
    cancel = threading.Event()
    seen: list[list[str]] = []

    def progress(stage: str, fraction: float) -> None:
        if fraction > 0 and not cancel.is_set():
            seen.append(running_with(mark))
            cancel.set()

    with pytest.raises(Cancelled):
        convert(media.long_wmv(), tmp_path, tools, progress, cancel)
    assert seen[:1] != [[]]
    assert len(seen) == 1
    assert until(lambda: not running_with(mark), 5)
    assert everything_in(tmp_path) == []


@both_ways
def test_ffmpeg_dies_with_a_killed_worker(boxed: bool, tmp_path: Path) -> None:
    mark = f"3{os.getpid()}222"
    code = (
        "import sys; from pathlib import Path; from workerjob.convert import Tools, convert\n"
        f"tools = Tools(sandboxed={boxed}, ffmpeg_args=('-maxrate', '{mark}', '-bufsize', '9M'))\n"
        "convert(Path(sys.argv[1]), Path(sys.argv[2]), tools)"
    )
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'web'}"}
    words = [sys.executable, "-c", code, str(media.long_wmv()), str(tmp_path)]
    with subprocess.Popen(words, env=environment) as worker:
        assert until(lambda: len(running_with(mark)) >= 1)
        worker.send_signal(signal.SIGKILL)
    assert until(lambda: not running_with(mark), 5)


def test_the_wall_clock_makes_it_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="too_heavy"):
        convert(media.long_wmv(), tmp_path, Tools(limits=Limits(wall_seconds=0.5)))
    assert everything_in(tmp_path) == []


@pytest.mark.parametrize(
    "tools, error",
    [
        (Tools(ffmpeg="no-such-ffmpeg"), FileNotFoundError),
        (Tools(ffprobe="false"), ToolFailed),
        (Tools(ffmpeg_args=("-preset", "nosuch")), ToolFailed),
        (Tools(limits=Limits(open_files=1)), ToolFailed),
    ],
)
def test_our_own_faults_are_no_refusals(
    tools: Tools, error: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(error):
        convert(media.clip("wmv2"), tmp_path, tools)


@pytest.mark.parametrize("name", ["video.mp4", "poster*.jpg"])
def test_a_link_that_ffmpeg_was_made_to_leave_is_not_published(name: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    shutil.copy(media.clip("mp4"), secret)
    taken_over = tmp_path / "ffmpeg"
    taken_over.write_text(
        f'#!/bin/sh\nffmpeg "$@" || exit\nfor f in out/{name}; do ln -sf "{secret}" $f; done\n'
    )
    taken_over.chmod(0o700)
    tools = Tools(ffmpeg=str(taken_over), ffprobe="ffprobe", sandboxed=False)
    with pytest.raises((ToolFailed, Refused)):
        convert(media.clip("mp4"), tmp_path / "out", tools)
    assert everything_in(tmp_path / "out") == []
