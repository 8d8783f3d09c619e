"""What the last 24 hours brought: how many conversions ended how, what they waited and took."""

import math
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncHour

from contests.models import Conversion, State

HOURS = 24
_MEASURED = 1000  # latest conversions
_ENDED = (State.SUCCEEDED, State.FAILED, State.DEAD)


@dataclass(frozen=True)
class Hour:
    """How many conversions ended within an hour that began at `start`."""

    start: datetime
    succeeded: int
    failed: int
    dead: int


@dataclass(frozen=True)
class Spread:
    """Seconds that half, and 95 of 100, do not exceed; None while there is nothing to measure."""

    median: float | None
    p95: float | None


Ended = list[tuple[datetime, str, str, int]]  # hour, state, reason, how many


def ended(now: datetime) -> Ended:
    """Count by hour, state and reason what ended."""
    since = _first_hour(now)
    rows = Conversion.objects.filter(finished_at__gte=since, state__in=_ENDED).order_by()
    return list(rows.values_list(TruncHour("finished_at"), "state", "reason").annotate(Count("pk")))


def _first_hour(now: datetime) -> datetime:
    this = now.replace(minute=0, second=0, microsecond=0)
    return this - timedelta(hours=HOURS - 1)


def hours(now: datetime, ended: Ended) -> Iterable[Hour]:
    """Sum up each of the hours, the earliest first."""
    counts: Counter[tuple[datetime, str]] = Counter()
    for hour, state, _, count in ended:
        counts[hour, state] += count
    for number in range(HOURS):
        start = _first_hour(now) + timedelta(hours=number)
        yield Hour(start, *(counts[start, state] for state in _ENDED))


def reasons(ended: Ended) -> dict[str, int]:
    """Count why videos were refused, the most frequent reason first."""
    counts: Counter[str] = Counter()
    for _, state, reason, count in ended:
        if state == State.FAILED:
            counts[reason] += count
    return dict(counts.most_common())


def measured(now: datetime) -> tuple[Spread, Spread]:
    """How long the latest conversions waited, and how long they took."""
    ended = Conversion.objects.filter(
        state=State.SUCCEEDED, started_at__isnull=False, finished_at__gte=_first_hour(now)
    )
    times = list(
        ended.order_by("-finished_at").values_list("queued_at", "started_at", "finished_at")[
            :_MEASURED
        ]
    )
    return (
        _spread([_seconds(queued, started) for queued, started, _ in times]),
        _spread([_seconds(started, finished) for _, started, finished in times]),
    )


def _spread(values: list[float]) -> Spread:
    if not values:
        return Spread(None, None)
    nearest = math.ceil(0.95 * len(values)) - 1
    return Spread(statistics.median(values), sorted(values)[nearest])


def _seconds(start: datetime | None, end: datetime | None) -> float:
    return (end - start).total_seconds() if start and end else 0.0
