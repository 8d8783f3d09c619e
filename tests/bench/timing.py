"""Honest comparisons on a noisy machine: alternate the contestants, take medians."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Timed:
    """How long something took: all rounds, in seconds."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The round in the middle."""
        return statistics.median(self.rounds)

    def ratio(self, other: "Timed") -> float:
        """How many times longer this took: the median of all rounds' ratios.

        The two of a round ran one after the other, so a machine that drifts hits both.
        """
        pairs = zip(self.rounds, other.rounds, strict=True)
        return statistics.median(mine / theirs for mine, theirs in pairs)

    def __str__(self) -> str:
        return f"{self.median:.3f} s ({min(self.rounds):.3f} to {max(self.rounds):.3f})"


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
    return [Timed(tuple(each)) for each in taken]
