"""Where a conversion stands: its place in the queue and when it will be ready.

What runs is judged by its worker, from what it has measured so far and from how long recent
conversions took per megapixel on this installation. How many megapixels waiting ones have nobody
knows before a worker has looked into them; until then their bytes stand for them, at the rate of
recent ones. Before the first one has finished there is no estimate, and the page says so.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Sum

from contests.models import Conversion, State

_RECENT = 20
# A conversion begins as if this share of its work had been done already, at the usual speed…
_HEAD_START = 0.03
# …and without a usual speed nothing is said before this much has been done.
_FEW = 0.02


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
        # Until its worker has looked into it, it is as if it had just begun.
        speed = None if conversion.ready_at else _seconds_per_byte()
        eta = _left(conversion.ready_at, conversion.entry.upload.size, speed, now)
        return Progress(state, conversion.percent, None, eta)
    if state == State.QUEUED:
        return Progress(state, 0, *_queued(conversion, now))
    return Progress(state, conversion.percent, None, None)


def expected_seconds(share: float, elapsed: float, usual: float | None) -> float | None:
    """How long a piece of work takes in all, of which a share, 0 to 1, took `elapsed` seconds.

    `usual` is how long as much work took others. None: nothing is known yet.
    """
    if usual is not None:
        return (elapsed + _HEAD_START * usual) / (share + _HEAD_START)
    return elapsed / share if share > _FEW else None


def seconds_each() -> float | None:
    """How long recent conversions took on average, None before there were any."""
    return _ratio([(seconds, 1) for seconds, _, _ in _recent()])


def seconds_per_megapixel() -> float | None:
    """How long recent conversions took for each megapixel of work, None before there were any."""
    return _ratio([(seconds, work) for seconds, work, _ in _recent() if work])


def _queued(conversion: Conversion, now: datetime) -> tuple[int, float | None]:
    # Not itself: SQLite's Now() writes fewer digits than it is compared with, and looks earlier.
    others = Conversion.objects.exclude(pk=conversion.pk)
    ahead = others.filter(state=State.QUEUED, queued_at__lt=conversion.queued_at).aggregate(
        count=Count("pk"), size=Sum("entry__upload__size")
    )
    position = ahead["count"] + 1
    speed = _seconds_per_byte()
    if speed is None:
        return position, None
    running = Conversion.objects.filter(state=State.RUNNING)
    lefts = [
        _left(ready_at, size, speed, now) or 0.0
        for ready_at, size in running.values_list("ready_at", "entry__upload__size")
    ]
    workers = max(1, len(lefts))  # what runs now is what we know of the fleet
    before = sum(lefts) + speed * float(ahead["size"] or 0)
    return position, before / workers + speed * conversion.entry.upload.size


def _left(ready_at: datetime | None, size: int, speed: float | None, now: datetime) -> float | None:
    if ready_at:
        return max(0.0, (ready_at - now).total_seconds())
    return None if speed is None else speed * size


def _seconds_per_byte() -> float | None:
    return _ratio([(seconds, size) for seconds, _, size in _recent()])


def _ratio(pairs: list[tuple[float, float]]) -> float | None:
    below = sum(each for _, each in pairs)
    return sum(each for each, _ in pairs) / below if below else None


def _recent() -> list[tuple[float, float, int]]:
    """Seconds, megapixels (0 if nobody counted them) and bytes of what ended last, and well."""
    ended = Conversion.objects.filter(
        state=State.SUCCEEDED, started_at__isnull=False, finished_at__isnull=False
    )
    latest = ended.order_by("-finished_at").values_list(
        "started_at", "finished_at", "megapixels", "entry__upload__size"
    )
    return [
        ((finished - started).total_seconds(), work or 0.0, size)
        for started, finished, work, size in latest[:_RECENT]
        if started and finished
    ]
