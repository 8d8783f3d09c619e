"""The bar of states: what the chart's template draws."""

from dataclasses import dataclass

from contests.models import State
from contests.overview import Overview

WIDTH = 100.0  # the chart's own units; the page stretches it


@dataclass(frozen=True)
class Part:
    """One state's piece of the bar; `x` and `width` as SVG wants them, whatever the language."""

    state: State
    count: int
    x: str
    width: str


def bar(overview: Overview) -> list[Part]:
    """Return the bar's pieces, in the order of the states, leaving out what there is none of."""
    parts, x = [], 0.0
    for state in State:
        if count := overview.states.get(state, 0):
            width = WIDTH * count / overview.entries
            parts.append(Part(state, count, f"{x:.2f}", f"{width:.2f}"))
            x += width
    return parts
