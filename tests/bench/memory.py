"""The most memory that a worker and all it starts hold at the same time."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench import camera, clips, whole_job
from tests.processes import descendants, memory
from videoshare.config import ROOT

_MB = 1 << 20


def measure(folder: Path, rounds: int) -> dict[str, bool]:
    """Print a line for each clip; there is no bar."""
    for title, source in _clips(folder):
        whole, worker = max(_watched(source) for _ in range(rounds))
        print(f"{title}: {whole // _MB} MB, of them the worker itself {worker // _MB} MB")
    return {}


def _clips(folder: Path) -> Iterator[tuple[str, Path]]:
    yield "60 s of 720p WMV2/WMA", clips.wmv(folder)
    yield "20 s of 1080p HEVC/AAC", clips.sent(camera.film(folder), "phone.mov")[0]


def _watched(source: Path) -> tuple[int, int]:
    """Run a worker for one job; returns bytes: of all processes at their peak, of the worker then.

    Pages that two of them share, such as libraries, count twice.
    """
    from contests import converting

    conversions = whole_job.submitted(source, 1)
    converting.ring(conversions[0])
    peak = (0, 0)
    words = [sys.executable, "-m", "workerjob", "--burst"]
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            worker = memory(process.pid, "VmRSS")
            others = sum(memory(pid, "VmRSS") for pid in descendants(process.pid))
            peak = max(peak, (worker + others, worker))
            time.sleep(0.01)
    whole_job.check(conversions)
    return peak
