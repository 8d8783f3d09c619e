"""The whole fleet at one moment: who works on what, what waits, what went wrong.

As many queries as there are kinds of things to ask for, however large the fleet is.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min
from django.utils import timezone

from backends import queue
from contests import fleet, last_day, nameless, overview
from contests.models import Conversion, Entry, Nameless, Rendition, State, Worker

logger = logging.getLogger(__name__)

MOST_SHOWN = 50  # rows of a kind


@dataclass(frozen=True)
class Held:
    """A conversion that a worker holds; times in seconds. Below zero its lease has run out."""

    conversion: int
    entry: int
    worker: str
    percent: int
    attempt: int
    running: float
    lease: float


@dataclass(frozen=True)
class Seen:
    """A worker with what it does; `up` and `silent` are seconds."""

    name: str
    instance: str
    version: str
    concurrency: int
    alive: bool
    draining: bool
    up: float
    silent: float
    held: tuple[Held, ...]


@dataclass(frozen=True)
class Stuck:
    """A conversion that failed too often by our own fault; `ago` is seconds.

    `retriable`: not while the original is known to be gone.
    """

    conversion: int
    entry: int
    contest: str
    failures: int
    ago: float
    error: str
    retriable: bool


@dataclass(frozen=True)
class Lost:
    """An entry of which files are gone: what is published of it, its original, or both.

    `again`: it is being converted again, or waits for that.
    """

    entry: int
    contest: str
    published: bool
    source: bool
    again: bool


@dataclass(frozen=True)
class Snapshot:
    """What `take` saw. `depth` is None when the queue did not answer; `oldest` is seconds.

    `nameless`: how many files no row names, when these are too many to delete unasked; else None.
    """

    at: datetime
    workers: tuple[Seen, ...]
    strays: tuple[Held, ...]
    depth: queue.Depth | None
    states: dict[State, int]
    oldest: float | None
    stuck: tuple[Stuck, ...]
    stuck_count: int
    retriable_count: int
    lost: tuple[Lost, ...]
    lost_count: int
    nameless: int | None
    reasons: dict[str, int]
    hours: tuple[last_day.Hour, ...]
    wait: last_day.Spread
    duration: last_day.Spread


def take() -> Snapshot:
    """Look at everything. Counts and measurements are of the last 24 hours."""
    now = timezone.now()
    held = _held(now)
    workers = tuple(_workers(now, held))
    known = {each.name for each in workers}
    states, oldest = _states(now)
    ended = last_day.ended(now)
    wait, duration = last_day.measured(now)
    stuck_count, retriable_count = overview.count_stuck(overview.stuck())
    lost, lost_count = _lost()
    return Snapshot(
        at=now,
        workers=workers,
        strays=tuple(each for each in held if each.worker not in known),
        depth=_depth(),
        states=states,
        oldest=oldest,
        stuck=tuple(_stuck(now)),
        stuck_count=stuck_count,
        retriable_count=retriable_count,
        lost=lost,
        lost_count=lost_count,
        nameless=Nameless.objects.count() if nameless.too_many() else None,
        reasons=last_day.reasons(ended),
        hours=tuple(last_day.hours(now, ended)),
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


def _held(now: datetime) -> list[Held]:
    running = Conversion.objects.filter(state=State.RUNNING).order_by("started_at", "pk")
    return [
        Held(
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


def _workers(now: datetime, held: list[Held]) -> Iterable[Seen]:
    alive = set(fleet.alive().values_list("pk", flat=True))
    for row in Worker.objects.order_by("name"):
        yield Seen(
            name=row.name,
            instance=row.instance,
            version=row.version,
            concurrency=row.concurrency,
            alive=row.pk in alive,
            draining=row.draining,
            up=_seconds(row.started_at, now),
            silent=_seconds(row.seen_at, now),
            held=tuple(each for each in held if each.worker == row.name),
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
    rows = (
        overview.stuck()
        .select_related("entry__contest", "entry__upload")
        .order_by("-finished_at", "-pk")
    )
    for row in rows[:MOST_SHOWN]:
        yield Stuck(
            conversion=row.pk,
            entry=row.entry_id,
            contest=row.entry.contest.url,
            failures=row.failures,
            ago=_seconds(row.finished_at, now),
            error=row.error,
            retriable=row.entry.upload.missing_since is None,
        )


def _lost() -> tuple[tuple[Lost, ...], int]:
    """The newest entries of which files are gone, and how many there are."""
    there = Entry.objects.filter(withdrawn_at=None)
    files = Rendition.objects.filter(missing_since__isnull=False).values("conversion")
    published = set(there.filter(published__in=files).values_list("pk", flat=True))
    sourceless = there.filter(upload__missing_since__isnull=False)
    unmakable = set(sourceless.values_list("pk", flat=True))
    newest = sorted(published | unmakable, reverse=True)[:MOST_SHOWN]
    entries = overview.with_troubles(Entry.objects.filter(pk__in=newest)).order_by("-pk")
    lost = tuple(
        Lost(row.pk, row.contest.url, row.pk in published, row.pk in unmakable, row.under_way)
        for row in entries.select_related("contest")
    )
    return lost, len(published | unmakable)


def _seconds(start: datetime | None, end: datetime | None) -> float:
    return (end - start).total_seconds() if start and end else 0.0
