"""Running ffprobe and ffmpeg on files nobody trusts.

Both are started through a launcher script (see sandbox.py), told which containers, codecs and
protocols they may use, and killed with their whole process group when they are cancelled or take
too long. What they return is never proof: convert.py looks at what came out.
"""

import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ffmpeg import FFmpeg, FFmpegError, Progress

from workerjob import accepted
from workerjob.counting import Counter
from workerjob.probed import Packets

T = TypeVar("T")
Options = dict[str, str | list[str] | None]  # as python-ffmpeg takes them; None: no value

_KEPT_LINES = 50
_KEPT_LENGTH = 300  # the whitelists that ffmpeg quotes are longer
_DESCRIPTION_BYTES = 4 << 20
_COUNTS = re.compile(r"(frame|dup|drop)= *(\d+)")


class Cancelled(Exception):
    """Somebody set the cancel event; nothing was published."""


class TimedOut(Exception):
    """The wall clock ran out and the whole process group was killed."""


class ToolFailed(Exception):
    """ffmpeg or ffprobe could not do its work, for a reason that is not the media's: ours."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended: the exit code (of the shell's kind, 128 + signal) and its error lines.

    `decoded` is how many pictures of the first video came out of the decoder, when it was decoded.
    """

    code: int
    errors: tuple[str, ...]
    decoded: int = 0


@dataclass(frozen=True)
class Run:
    """Where and for how long something may run: the launcher, seconds of wall clock, cancel."""

    launcher: Path
    seconds: float
    cancel: threading.Event | None = None


_GUARD: Options = {
    "protocol_whitelist": "file",
    "format_whitelist": ",".join(accepted.FORMATS),
    "codec_whitelist": ",".join(accepted.DECODERS),
    "max_streams": str(accepted.MAX_STREAMS),
    "max_pixels": str(accepted.MAX_PIXELS),
    "probesize": "10000000",
    "analyzeduration": "5000000",
}
# Also a packet's most. ffmpeg counts a packet's bits and samples in 31 bits; where that overflowed,
# some decoders (MACE 6, TrueSpeech, RealVideo) wrote or read beyond their buffers.
_MAX_ALLOC = str(256 << 20)


def command(
    launcher: str, inputs: list[tuple[str, Options]], outputs: list[tuple[str, Options]]
) -> FFmpeg:
    """An ffmpeg command; names are relative to the job's folder, options as python-ffmpeg's."""
    runner = FFmpeg(launcher).option("nostdin").option("loglevel", "error").option("stats")
    runner.option("y").option("max_alloc", _MAX_ALLOC).option("max_error_rate", "0.5")
    for name, options in inputs:
        runner.input(f"file:{name}", {**_GUARD, **options})
    for name, options in outputs:
        runner.output(f"file:{name}", dict(options))
    return runner


def execute(runner: FFmpeg, run: Run, heard: Callable[[int, float], None]) -> Outcome:
    """Run a command; `heard` is told about twice a second how many frames and seconds are done.

    Raises Cancelled and TimedOut. A bad exit code is no exception here: the caller judges.
    """
    log = _Log()

    def progressed(progress: Progress) -> None:
        heard(progress.frame, max(0.0, progress.time.total_seconds()))

    runner.on("stderr", log.keep)
    runner.on("progress", progressed)

    def process() -> subprocess.Popen[bytes] | None:
        # The package offers SIGTERM only, which a hung decoder ignores, and no exit code.
        return getattr(runner, "_process", None)

    def kill() -> None:
        started = process()
        if started and started.poll() is None:
            _kill_group(started.pid)

    def call() -> None:
        try:
            runner.execute()
        except FFmpegError:
            pass  # it knows the last line only; the exit code and all lines are looked at below
        except UnicodeDecodeError:
            log.lines.append("an error message that is not UTF-8")

    _guarded(call, kill, run)
    ended = process()
    code = _shell_code(ended.returncode) if ended else 127
    return Outcome(code, tuple(log.lines), log.decoded)


class _Log:
    """What ffmpeg writes to stderr: the first complaints, and the last word on its progress."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.counts = {"frame": 0, "dup": 0, "drop": 0}

    def keep(self, line: str) -> None:
        """Take in one line."""
        if line.startswith("frame="):
            self.counts.update((name, int(number)) for name, number in _COUNTS.findall(line))
        elif line.strip() and not line.startswith("size=") and len(self.lines) < _KEPT_LINES:
            self.lines.append(line[:_KEPT_LENGTH])

    @property
    def decoded(self) -> int:
        """Pictures that the decoder gave: those written, less repeated ones, and those left out."""
        return self.counts["frame"] - self.counts["dup"] + self.counts["drop"]


def describe(run: Run, name: str) -> tuple[str, dict[int, Packets], Outcome]:
    """ffprobe's description of a file (JSON text) and, by reading it to its end, its packets.

    ffprobe gives up when one stream's decoder is not allowed, even if nobody needs that stream. It
    is asked again with those decoders allowed, which opens them but decodes nothing; ffmpeg will
    not open them. Raises Cancelled, TimedOut and ToolFailed (the answer is absurdly large).
    """
    unlisted: set[str] = set()
    while True:
        text, packets, outcome = _describe(run, name, sorted(unlisted))
        found = set(_UNLISTED.findall("\n".join(outcome.errors)))
        if not outcome.code or found <= unlisted or found & set(accepted.DANGEROUS):
            return text, packets, outcome
        unlisted |= found


_UNLISTED = re.compile(r"Codec \((\S+)\) not on whitelist")


def _describe(run: Run, name: str, unlisted: list[str]) -> tuple[str, dict[int, Packets], Outcome]:
    guard = [word for key, value in _GUARD.items() for word in (f"-{key}", str(value))]
    if unlisted:
        allowed = ",".join([*accepted.DECODERS, *unlisted])
        guard += [word for kind in "vas" for word in (f"-codec_whitelist:{kind}", allowed)]
        guard += ["-strict", "-2"]  # some are called experimental
    words = [str(run.launcher), "-loglevel", "error", "-max_alloc", _MAX_ALLOC, *guard]
    words += ["-show_format", "-show_streams", "-show_packets", "-show_entries", _SHOWN]
    words += ["-of", "json=c=1", f"file:{name}"]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        )

        def kill() -> None:
            if process.poll() is None:
                _kill_group(process.pid)

        def read() -> tuple[str, dict[int, Packets]]:
            found = _read_description(process.stdout or ())
            process.wait()
            return found

        with process:
            try:
                text, packets = _guarded(read, kill, run)
            finally:
                kill()
        errors.seek(0)
        lines = errors.read(64 << 10).decode(errors="replace").splitlines()[:_KEPT_LINES]
    kept = tuple(line[:_KEPT_LENGTH] for line in lines)
    return text, packets, Outcome(_shell_code(process.returncode), kept)


# Tags are a stranger's text of any length, and nothing we need.
_SHOWN = (
    "packet=stream_index,pts_time,dts_time,duration_time,size,flags:"
    "stream_tags=enc_key_id:format_tags=:chapter_tags=:program_tags="
)


def _read_description(lines: Iterable[bytes]) -> tuple[str, dict[int, Packets]]:
    """Tell the packets, counted as they come, from the rest, which is small.

    In compact JSON a packet is one line, except that its side data follow on more lines, which we
    skip: `"packets": [`, packets, `    ],`, then everything else.
    """
    counted: dict[int, Counter] = {}
    rest = bytearray()
    inside = False
    for line in lines:
        inside = inside and not line.startswith(b"    ]")
        if not inside:
            rest += line
            inside = line.startswith(b'    "packets": [')
        elif line.startswith(b'        { "stream_index": '):
            packet = json.loads(line.rstrip(b" ,}\n") + b"}")
            counted.setdefault(packet["stream_index"], Counter()).add(packet)
        if len(rest) > _DESCRIPTION_BYTES:
            raise ToolFailed("ffprobe's description is absurdly large")
    packets = {index: counter.packets() for index, counter in counted.items()}
    return rest.decode(errors="replace"), packets


def _guarded(call: Callable[[], T], kill: Callable[[], None], run: Run) -> T:
    """Do `call` while a second thread kills it when it is cancelled or too slow.

    The call stays in this thread: the launched process dies with the thread that started it.
    """
    done = threading.Event()
    ended: list[Exception] = []

    def watch() -> None:
        deadline = time.monotonic() + run.seconds
        while not done.wait(0.1):
            if run.cancel and run.cancel.is_set():
                ended.append(Cancelled())
            elif time.monotonic() > deadline:
                ended.append(TimedOut(f"more than {run.seconds:.0f} s"))
            else:
                continue
            while not done.wait(0.05):  # again and again: it may only just be starting
                kill()
            return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return call()
    finally:
        done.set()
        watcher.join()
        if ended:
            raise ended[0]


def _kill_group(pid: int) -> None:
    """Kill the launcher's process group, or the launcher itself if it has none yet."""
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        else:
            return


def _shell_code(code: int) -> int:
    return 128 - code if code < 0 else code
