"""Two conversions at the same time against one after the other, through the worker's loop."""

from collections.abc import Iterator
from pathlib import Path

from tests.bench import clips, whole_job
from tests.bench.timing import alternate

JOBS = 6
_SECONDS = 20


def measure(folder: Path, rounds: int) -> dict[str, bool]:
    """Print both, for what is encoded and for what is copied; there is no bar."""
    for title, source in (
        (f"{_SECONDS} s of 720p WMV2/WMA", clips.wmv(folder, _SECONDS)),
        ("10 MB of H.264/AAC in FLV", clips.flv(folder)),
    ):
        waiting = iter(whole_job.submitted(source, 2 * JOBS * (rounds + 1)))

        def work(concurrency: int, waiting: Iterator[int] = waiting) -> None:
            whole_job.work([next(waiting) for _ in range(JOBS)], concurrency)

        one, two = alternate(rounds, lambda: work(1), lambda: work(2))
        print(f"{JOBS} times {title}: --concurrency 1 {one}, 2 {two}, {one.ratio(two):.2f} times")
    return {}
