"""The whole fleet at one moment: who works on what, what waits, what went wrong.

As many queries as there are kinds of things to ask for, however large the fleet is.
"""

import logging
import math
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.db.models.functions import TruncHour
from django.utils import timezone

from backends import queue
from contests import fleet, overview, stored
from contests.models import Conversion, Entry, Nameless, Rendition, State, Upload, Worker

logger = logging.getLogger(__name__)

HOURS = 24
MOST_SHOWN = 50  # rows of a kind
_MEASURED = 1000  # latest conversions
_ENDED = (State.SUCCEEDED, State.FAILED, State.DEAD)


@dataclass(frozen=True)
class Job:
    """A conversion that runs; times in seconds. Below zero its lease has run out."""

    conversion: int
    entry: int
    worker: str
    percent: int
    attempt: int
    running: float
    lease: float


@dataclass(frozen=True)
class Machine:
    """A worker with what it does; `up` and `silent` are seconds."""

    name: str
    instance: str
    version: str
    concurrency: int
    alive: bool
    draining: bool
    up: float
    silent: float
    jobs: tuple[Job, ...]


@dataclass(frozen=True)
class Stuck:
    """A conversion that failed too often by our own fault; `ago` is seconds."""

    conversion: int
    entry: int
    contest: str
    failures: int
    ago: float
    error: str


@dataclass(frozen=True)
class Lost:
    """An entry of which files are gone: what is published of it, its original, or both."""

    entry: int
    contest: str
    published: bool
    source: bool


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


@dataclass(frozen=True)
class Snapshot:
    """What `take` saw. `depth` is None when the queue did not answer; `oldest` is seconds.

    `nameless`: how many files no row names, when these are too many to delete unasked; else None.
    """

    at: datetime
    machines: tuple[Machine, ...]
    strays: tuple[Job, ...]
    depth: queue.Depth | None
    states: dict[State, int]
    oldest: float | None
    stuck: tuple[Stuck, ...]
    stuck_count: int
    lost: tuple[Lost, ...]
    nameless: int | None
    reasons: dict[str, int]
    hours: tuple[Hour, ...]
    wait: Spread
    duration: Spread


def take() -> Snapshot:
    """Look at everything. Counts and measurements are of the last 24 hours."""
    now = timezone.now()
    jobs = _jobs(now)
    machines = tuple(_machines(now, jobs))
    known = {each.name for each in machines}
    states, oldest = _states(now)
    ended = _ended(now)
    wait, duration = _measured(now)
    stuck = overview.stuck()
    return Snapshot(
        at=now,
        machines=machines,
        strays=tuple(job for job in jobs if job.worker not in known),
        depth=_depth(),
        states=states,
        oldest=oldest,
        stuck=tuple(_stuck(now)),
        stuck_count=stuck.count(),
        lost=tuple(_lost()),
        nameless=Nameless.objects.count() if stored.too_many_nameless() else None,
        reasons=_reasons(ended),
        hours=tuple(_hours(now, ended)),
        wait=wait,
        duration=duration,
    )


def clock(seconds: float | None) -> str:
    """Write a time span in any language, such as 0:04:20, or 27:46:40; "-" for none."""
    if seconds is None:
        return "-"
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _depth() -> queue.Depth | None:
    try:
        return queue.depth()
    except Exception as error:  # whatever is wrong with it, all else is worth looking at
        logger.warning("the queue does not answer: %s", type(error).__name__)
        return None


def _jobs(now: datetime) -> list[Job]:
    running = Conversion.objects.filter(state=State.RUNNING).order_by("started_at", "pk")
    return [
        Job(
            conversion=row.pk,
            entry=row.entry_id,
            worker=row.worker,
            percent=row.percent,
            attempt=row.attempt,
            running=_seconds(row.started_at, now),
            lease=_seconds(now, row.lease_until),
        )
        for row in running
    ]


def _machines(now: datetime, jobs: list[Job]) -> Iterable[Machine]:
    alive = set(fleet.alive().values_list("pk", flat=True))
    for row in Worker.objects.order_by("name"):
        yield Machine(
            name=row.name,
            instance=row.instance,
            version=row.version,
            concurrency=row.concurrency,
            alive=row.pk in alive,
            draining=row.draining,
            up=_seconds(row.started_at, now),
            silent=_seconds(row.seen_at, now),
            jobs=tuple(job for job in jobs if job.worker == row.name),
        )


def _states(now: datetime) -> tuple[dict[State, int], float | None]:
    """Count conversions by state; also the age of the one that waits longest."""
    rows = Conversion.objects.order_by().values_list("state")
    found = {
        State(state): (count, oldest)
        for state, count, oldest in rows.annotate(Count("pk"), Min("queued_at"))
    }
    counts = {state: found.get(state, (0, None))[0] for state in State}
    waiting = found.get(State.QUEUED)
    return counts, _seconds(waiting[1], now) if waiting else None


def _stuck(now: datetime) -> Iterable[Stuck]:
    rows = overview.stuck().select_related("entry__contest").order_by("-finished_at", "-pk")
    for row in rows[:MOST_SHOWN]:
        yield Stuck(
            conversion=row.pk,
            entry=row.entry_id,
            contest=row.entry.contest.url,
            failures=row.failures,
            ago=_seconds(row.finished_at, now),
            error=row.error,
        )


def _lost() -> Iterable[Lost]:
    files = Rendition.objects.filter(
        missing_since__isnull=False, conversion__published_as__isnull=False
    )
    published = set(files.values_list("conversion__published_as", flat=True)[:MOST_SHOWN])
    sources = Upload.objects.filter(missing_since__isnull=False, entry__isnull=False)
    unmakable = set(sources.values_list("entry", flat=True)[:MOST_SHOWN])
    entries = Entry.objects.filter(pk__in=published | unmakable, withdrawn_at=None)
    for row in entries.select_related("contest").order_by("-pk"):
        yield Lost(row.pk, row.contest.url, row.pk in published, row.pk in unmakable)


Ended = list[tuple[datetime, str, str, int]]  # hour, state, reason, how many


def _ended(now: datetime) -> Ended:
    since = _first_hour(now)
    rows = Conversion.objects.filter(finished_at__gte=since, state__in=_ENDED).order_by()
    return list(rows.values_list(TruncHour("finished_at"), "state", "reason").annotate(Count("pk")))


def _first_hour(now: datetime) -> datetime:
    this = now.replace(minute=0, second=0, microsecond=0)
    return this - timedelta(hours=HOURS - 1)


def _hours(now: datetime, ended: Ended) -> Iterable[Hour]:
    counts: Counter[tuple[datetime, str]] = Counter()
    for hour, state, _, count in ended:
        counts[hour, state] += count
    for number in range(HOURS):
        start = _first_hour(now) + timedelta(hours=number)
        yield Hour(start, *(counts[start, state] for state in _ENDED))


def _reasons(ended: Ended) -> dict[str, int]:
    """Count why videos were refused, the most frequent reason first."""
    counts: Counter[str] = Counter()
    for _, state, reason, count in ended:
        if state == State.FAILED:
            counts[reason] += count
    return dict(counts.most_common())


def _measured(now: datetime) -> tuple[Spread, Spread]:
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
