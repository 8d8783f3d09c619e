"""Honest comparisons on a noisy machine: alternate the contestants, take medians."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Timed:
    """How long something took: the median and the extremes of all rounds, in seconds."""

    median: float
    best: float
    worst: float

    def __str__(self) -> str:
        return f"{self.median:.3f} s ({self.best:.3f} to {self.worst:.3f})"


def alternate(rounds: int, *contestants: Callable[[], object]) -> list[Timed]:
    """Run every contestant once per round, in turn, so that noise hits all alike.

    A round before the first warms the disk's cache and is not counted.
    """
    taken: list[list[float]] = [[] for _ in contestants]
    for counted in [False] + [True] * rounds:
        for contestant, seconds in zip(contestants, taken, strict=True):
            started = time.perf_counter()
            contestant()
            if counted:
                seconds.append(time.perf_counter() - started)
    return [Timed(statistics.median(each), min(each), max(each)) for each in taken]
