"""What the charts' templates draw, in a chart's own units, which the page stretches.

Numbers are texts as SVG wants them, whatever the language.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from contests.last_day import Hour
from contests.models import State

COLUMN, GAP, HEIGHT = 10, 2, 60
_LABELS = 6  # hours from one to the next


@dataclass(frozen=True)
class Piece:
    """What ended in one state within one hour."""

    state: State
    x: str
    y: str
    height: str


@dataclass(frozen=True)
class Throughput:
    """Columns of pieces; `top` is how many the highest column stands for."""

    pieces: list[Piece]
    labels: list[tuple[str, str]]  # place, text
    counts: dict[State, int]
    top: int


def throughput(hours: Sequence[Hour]) -> Throughput:
    """Stack what ended within each hour: ready ones at the bottom, then refused, then stuck."""
    columns = [
        {State.SUCCEEDED: hour.succeeded, State.FAILED: hour.failed, State.DEAD: hour.dead}
        for hour in hours
    ]
    top = max((sum(each.values()) for each in columns), default=0)
    pieces = []
    for number, column in enumerate(columns):
        below = 0.0
        for state, count in column.items():
            if count:
                height = HEIGHT * count / top
                below += height
                x, y = f"{COLUMN * number + GAP / 2:.2f}", f"{HEIGHT - below:.2f}"
                pieces.append(Piece(state, x, y, f"{height:.2f}"))
    labels = [
        (f"{COLUMN * (number + 0.5):.2f}", f"{hours[number].start:%H:%M}")
        for number in range(len(hours) - 1, -1, -_LABELS)
    ]
    counts = {state: sum(column[state] for column in columns) for state in columns[0]}
    return Throughput(pieces, labels, counts, top)


@dataclass(frozen=True)
class Refusal:
    """How often videos were refused for one reason; `width` of 100."""

    reason: str
    count: int
    width: str


def refusals(reasons: dict[str, int]) -> list[Refusal]:
    """Return a bar for each reason, the most frequent one as wide as can be."""
    most = max(reasons.values(), default=0)
    return [Refusal(name, count, f"{100 * count / most:.2f}") for name, count in reasons.items()]
