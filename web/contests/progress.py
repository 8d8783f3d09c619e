"""Where a conversion stands: its place in the queue and when it will be ready.

The estimate comes from what recent conversions took per byte on this installation; before the
first one has finished there is none, and the page says so rather than guess.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Sum

from contests.models import Conversion, State

_RECENT = 20


@dataclass(frozen=True)
class Progress:
    """What a participant's page shows. `position` counts from 1; `eta` is in seconds."""

    state: State
    percent: int
    position: int | None
    eta: float | None


def of(conversion: Conversion, now: datetime) -> Progress:
    """Return a conversion's progress at `now`; that of a withdrawn entry is CANCELLED."""
    state = State.CANCELLED if conversion.entry.withdrawn_at else State(conversion.state)
    if state == State.RUNNING:
        return Progress(state, conversion.percent, None, _running_eta(conversion, now))
    if state == State.QUEUED:
        return Progress(state, 0, *_queued(conversion))
    return Progress(state, conversion.percent, None, None)


def _running_eta(conversion: Conversion, now: datetime) -> float | None:
    if conversion.started_at and conversion.percent >= 5:
        elapsed = (now - conversion.started_at).total_seconds()
        return max(0.0, elapsed * (100 - conversion.percent) / conversion.percent)
    speed = _seconds_per_byte()
    return speed * conversion.entry.upload.size if speed else None


def _queued(conversion: Conversion) -> tuple[int, float | None]:
    # Not itself: SQLite's Now() writes fewer digits than it is compared with, and looks earlier.
    others = Conversion.objects.exclude(pk=conversion.pk)
    ahead = others.filter(state=State.QUEUED, queued_at__lt=conversion.queued_at)
    running = Conversion.objects.filter(state=State.RUNNING)
    position = ahead.count() + 1
    speed = _seconds_per_byte()
    if speed is None:
        return position, None
    size = F("entry__upload__size")
    left = size * (100 - F("percent")) / 100
    sums = ahead.aggregate(sum=Sum(size))["sum"], running.aggregate(sum=Sum(left))["sum"]
    bytes_ahead = sum(float(each or 0) for each in sums)
    workers = max(1, running.count())  # what runs now is what we know of the fleet
    return position, speed * (bytes_ahead / workers + conversion.entry.upload.size)


def _seconds_per_byte() -> float | None:
    recent = (
        Conversion.objects.filter(state=State.SUCCEEDED, finished_at__isnull=False)
        .order_by("-finished_at")
        .values_list("started_at", "finished_at", "entry__upload__size")[:_RECENT]
    )
    times, sizes = 0.0, 0
    for started, finished, size in recent:
        if started and finished:
            times += (finished - started).total_seconds()
            sizes += size
    return times / sizes if sizes else None
