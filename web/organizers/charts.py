"""What the charts' templates draw: the bar of states, and columns over time.

Places and sizes are texts as SVG wants them, whatever the language.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format

from contests.activity import Series
from contests.models import State
from contests.overview import Overview

WIDTH = 100.0  # the chart's own units; the page stretches it
COLUMN, GAP, HEIGHT = 10, 2, 60  # of columns


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


@dataclass(frozen=True)
class Column:
    """What happened in one stretch of time; `when` is it in words."""

    x: str
    y: str
    height: str
    when: str
    count: int


@dataclass(frozen=True)
class Columns:
    """A chart over time; `top` is how many the highest column stands for."""

    columns: list[Column]
    width: int
    first: str
    last: str
    top: int
    total: int


def columns(series: Series) -> Columns:
    """Return a column for each stretch of time."""
    top = max(series.counts, default=0)
    words = [_when(start, series.step) for start in series.starts]
    drawn = []
    for place, (when, count) in enumerate(zip(words, series.counts, strict=True)):
        height = HEIGHT * count / (top or 1)
        x = f"{COLUMN * place + GAP / 2:.2f}"
        drawn.append(Column(x, f"{HEIGHT - height:.2f}", f"{height:.2f}", when, count))
    first, last = (words[0], words[-1]) if words else ("", "")
    return Columns(drawn, COLUMN * max(1, len(drawn)), first, last, top, series.total)


def _when(start: datetime, step: timedelta) -> str:
    if step < timedelta(days=1):
        return f"{date_format(start, 'SHORT_DATE_FORMAT')} {date_format(start, 'H:i')}"
    return date_format(start, "SHORT_DATE_FORMAT")
