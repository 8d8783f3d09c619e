"""Is the time shown to participants honest? `python -m tests.bench.eta --jobs 10`; see README.md.

Converts different clips with a real worker, one after the other, looks at what a participant's page
would show at 25 %, and compares it with the time it really took from then.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "web"))

from tests.bench.whole_job import service  # noqa: E402 - the path comes first

LOOKED_AT = 25  # percent
TOLERANCE = 0.3
BAR = 0.9  # of the jobs
_LOOK_SECONDS = 0.1
_WARM_UP = 3

# Moving pictures of different weight; a clip shows them one after the other, for as long each.
_SCENES = {
    "still": "smptebars=size={size}:rate={rate}",
    "moving": "testsrc2=size={size}:rate={rate}",
    "grainy": "testsrc2=size={size}:rate={rate},noise=alls=8:allf=t",
    "zoom": "mandelbrot=size={size}:rate={rate}",
}


@dataclass(frozen=True)
class Clip:
    """What to film: pixels, pictures a second, seconds, scenes; and with which encoder."""

    extension: str
    encoder: str
    size: str
    rate: int
    seconds: int
    scenes: tuple[str, ...]

    def film(self, path: Path) -> None:
        """Write the clip."""
        words = ["ffmpeg", "-v", "error", "-nostdin", "-y"]
        for scene in self.scenes:
            source = _SCENES[scene].format(size=self.size, rate=self.rate)
            words += ["-f", "lavfi", "-t", str(self.seconds / len(self.scenes)), "-i", source]
        words += ["-f", "lavfi", "-t", str(self.seconds), "-i", "sine=sample_rate=44100"]
        alike = "".join(f"[{n}:v]format=yuv420p,setsar=1[v{n}];" for n in range(len(self.scenes)))
        joined = "".join(f"[v{n}]" for n in range(len(self.scenes)))
        words += ["-filter_complex", f"{alike}{joined}concat=n={len(self.scenes)}[v]"]
        words += ["-map", "[v]", "-map", f"{len(self.scenes)}:a", "-c:a", "libmp3lame"]
        words += ["-c:v", self.encoder, *_QUALITY[self.encoder], str(path)]
        subprocess.run(words, check=True)

    def __str__(self) -> str:
        what = f"{self.size}@{self.rate} {self.encoder} in {self.extension}, {self.seconds} s"
        return f"{what}: {', '.join(self.scenes)}"


_QUALITY = {
    "wmv2": ("-b:v", "4M"),
    "flv1": ("-q:v", "5"),
    "mpeg4": ("-q:v", "5"),
    "mpeg2video": ("-b:v", "6M"),
    "mjpeg": ("-q:v", "5"),
    # AVI has no times we could copy.
    "libx264": ("-preset", "ultrafast", "-crf", "23"),
}

CLIPS = (
    Clip("wmv", "wmv2", "640x480", 25, 20, ("moving",)),
    Clip("avi", "mpeg4", "320x240", 25, 60, ("grainy", "still")),
    Clip("avi", "mjpeg", "1280x720", 25, 8, ("moving",)),
    # Until here to warm up.
    Clip("avi", "wmv2", "320x240", 25, 150, ("moving",)),
    Clip("flv", "flv1", "640x480", 25, 30, ("moving", "grainy")),
    Clip("avi", "mpeg4", "1280x720", 25, 16, ("still", "moving", "grainy")),
    Clip("avi", "libx264", "1280x720", 30, 20, ("moving", "still")),
    Clip("avi", "mjpeg", "1920x1080", 25, 6, ("moving",)),
    Clip("wmv", "wmv2", "1920x1080", 25, 10, ("zoom",)),
    Clip("avi", "mpeg4", "720x576", 25, 20, ("grainy",)),
    Clip("flv", "flv1", "480x360", 15, 90, ("zoom", "moving")),
    Clip("mpg", "mpeg2video", "1280x720", 25, 20, ("moving", "zoom")),
    Clip("avi", "libx264", "1920x1080", 25, 8, ("grainy", "moving")),
)


@dataclass(frozen=True)
class Seen:
    """What the page showed at 25 %, what was true, and how long the whole job took: seconds."""

    shown: float | None
    left: float
    took: float

    @property
    def off(self) -> float:
        """By which share of the truth the page was wrong."""
        return float("inf") if self.shown is None else self.shown / self.left - 1


def submit(paths: list[Path]) -> list[int]:
    """Submit files to a contest; return their conversions."""
    from datetime import timedelta

    from django.utils import timezone

    from contests.models import Contest
    from contests.submitting import submit_file

    now, day = timezone.now(), timedelta(days=1)
    dates = {"submissions_open": now, "submissions_close": now + day}
    dates |= {"voting_open": now, "voting_close": now + day}
    contest = Contest.objects.create(name="B", url="eta", **dates)
    about = {"language": "en", "title": "B", "email": "bench@videoshare.invalid"}
    entries = [submit_file(contest, path, **about) for path in paths]
    return [entry.conversions.get().pk for entry in entries]


def watch(pk: int, worker: "subprocess.Popen[bytes]") -> Seen:
    """Look at a conversion, as its participant does, until it has ended."""
    from django.utils import timezone

    from contests import progress
    from contests.models import Conversion, State

    shown, at = None, 0.0
    while True:
        ended = worker.poll() is not None
        row = Conversion.objects.select_related("entry__upload").get(pk=pk)
        standing = progress.of(row, timezone.now())
        if row.state == State.SUCCEEDED and row.started_at and row.finished_at:
            if not at:
                raise AssertionError(f"conversion {pk} was ready before it was seen at 25 %")
            took = (row.finished_at - row.started_at).total_seconds()
            return Seen(shown, row.finished_at.timestamp() - at, took)
        if ended or row.state not in (State.QUEUED, State.RUNNING):
            raise AssertionError(f"conversion {pk}: {row.state} {row.reason} {row.error}")
        if not at and standing.percent >= LOOKED_AT:
            shown, at = standing.eta, time.time()
        time.sleep(_LOOK_SECONDS)


def measure(jobs: int) -> list[tuple[Clip, Seen]]:
    """Film, submit and convert so many clips after those that warm up."""
    clips = CLIPS[: _WARM_UP + jobs]
    with tempfile.TemporaryDirectory() as name, service(Path(name)):
        paths = [Path(name, f"{number}.{clip.extension}") for number, clip in enumerate(clips)]
        for clip, path in zip(clips, paths, strict=True):
            clip.film(path)
        pks = submit(paths)
        command = [sys.executable, "-m", "workerjob", "--burst"]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "web"), str(ROOT)))}
        with subprocess.Popen(command, env=environment, cwd=ROOT) as worker:
            try:
                seen = [watch(pk, worker) for pk in pks]
            finally:
                worker.terminate()
    return list(zip(clips, seen, strict=True))[_WARM_UP:]


def main(argv: list[str]) -> int:
    """Measure and print; 1 when the bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.eta", description=__doc__)
    parser.add_argument("--jobs", type=int, default=10, help="at most 10 (default)")
    jobs = parser.parse_args(argv).jobs
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    found = measure(jobs)
    print("| clip | job | left at 25 % | shown | off |\n|---|---|---|---|---|")
    for clip, seen in found:
        shown = "none" if seen.shown is None else f"{seen.shown:.1f} s"
        print(f"| {clip} | {seen.took:.1f} s | {seen.left:.1f} s | {shown} | {seen.off:+.0%} |")
    within = sum(abs(seen.off) <= TOLERANCE for _, seen in found)
    met = within >= BAR * len(found)
    print(f"median error {statistics.median(abs(seen.off) for _, seen in found):.0%}")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(f"{'met   ' if met else 'MISSED'} {within} of {len(found)} within {TOLERANCE:.0%}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
