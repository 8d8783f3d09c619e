"""Tell organizers whether their videos will be ready in time, and how many workers would do it.

In time is: before voting opens. A video that is not ready by then loses votes, while nobody misses
it before. The queue is everybody's, so the videos of other contests count as well: what waits, and
what comes if people go on submitting as they did in the last hour, for a day at most.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contests import capacity, converting, fleet, progress
from contests.capacity import Fleet, Forecast
from contests.durations import in_words
from contests.models import Contest, Entry, State

_RECENT = timedelta(hours=1)
_BELIEVED = timedelta(hours=24)  # for how long a pace is believed to last


@dataclass
class _Queue:
    """When videos came, ours and those of others, in seconds from now; `busy`: see Fleet."""

    ours: list[float]
    others: list[float]
    busy: list[float]


def sentence(contest: Contest, now: datetime) -> str:
    """Say in the reader's language what becomes of a contest's videos, "" if nothing is to say.

    In as many queries however many videos and workers there are.
    """
    workers = list(fleet.alive().values_list("name", "concurrency", "draining"))
    taking = {name: concurrency for name, concurrency, draining in workers if not draining}
    seconds = progress.seconds_each()
    queue = _queue(contest, now, {name for name, _, _ in workers}, set(taking), seconds or 0.0)
    waiting = len(queue.ours)
    deadline = (contest.voting_open - now).total_seconds()
    if deadline > 0:
        _add_expected(queue, contest, now)
    if waiting and not taking:
        return _no_worker(waiting)
    if waiting and seconds is None:
        return _not_measured(waiting)
    if seconds is None or not taking or not queue.ours:
        return ""
    each = max(1, round(sum(taking.values()) / len(taking)))
    able = Fleet(sum(taking.values()), seconds, tuple(queue.busy))
    found = capacity.forecast(queue.ours, queue.others, able, deadline, each)
    if deadline <= 0:
        return _too_late(waiting, found) if waiting else ""
    if found.late:
        return f"{_late(found)} {_remedy(found)}"
    return _in_time(waiting, found, deadline) if waiting else ""


def _queue(
    contest: Contest, now: datetime, alive: set[str], taking: set[str], seconds: float
) -> _Queue:
    """What waits, and what runs. What a dead worker holds waits again, soon.

    What is made again while the public sees an earlier video of it is late for nobody: not ours.
    """
    queue = _Queue([], [], [])
    rows = converting.waiting().filter(entry__withdrawn_at=None)
    for state, worker, queued_at, ready_at, owner, published in rows.values_list(
        "state", "worker", "queued_at", "ready_at", "entry__contest", "entry__published"
    ):
        if state == State.QUEUED or worker not in alive:
            mine = owner == contest.pk and published is None
            at = min(0.0, (queued_at - now).total_seconds())
            (queue.ours if mine else queue.others).append(at)
        elif worker in taking:  # a slot of a draining one comes to nobody's use again
            left = (ready_at - now).total_seconds() if ready_at else seconds
            queue.busy.append(max(0.0, left))
    return queue


def _add_expected(queue: _Queue, contest: Contest, now: datetime) -> None:
    """Add the videos that come until voting opens, if people go on as in the last hour."""
    recent = Entry.objects.filter(submitted_at__gt=now - _RECENT, submitted_at__lte=now).order_by()
    paces = recent.values_list("contest", "contest__submissions_close").annotate(Count("pk"))
    for owner, close, count in paces:
        until = min(close, contest.voting_open, now + _BELIEVED) - now
        pace = count / _RECENT.total_seconds()
        coming = capacity.even(pace, until.total_seconds())
        (queue.ours if owner == contest.pk else queue.others).extend(coming)


def _no_worker(waiting: int) -> str:
    return ngettext(
        "%(n)s video waits to be converted, and no worker is running.",
        "%(n)s videos wait to be converted, and no worker is running.",
        waiting,
    ) % {"n": waiting}


def _not_measured(waiting: int) -> str:
    return ngettext(
        "%(n)s video waits to be converted. How long that takes we know once the first one is "
        "ready.",
        "%(n)s videos wait to be converted. How long that takes we know once the first one is "
        "ready.",
        waiting,
    ) % {"n": waiting}


def _too_late(waiting: int, found: Forecast) -> str:
    return ngettext(
        "Voting has opened, and %(n)s video still waits to be converted. It will be ready in "
        "%(time)s.",
        "Voting has opened, and %(n)s videos still wait to be converted. The last one will be "
        "ready in %(time)s.",
        waiting,
    ) % {"n": waiting, "time": in_words(found.ready)}


def _late(found: Forecast) -> str:
    return ngettext(
        "At this pace %(n)s video will not be ready when voting opens, but %(time)s later.",
        "At this pace %(n)s videos will not be ready when voting opens, the last one %(time)s "
        "later.",
        found.late,
    ) % {"n": found.late, "time": in_words(found.by)}


def _remedy(found: Forecast) -> str:
    if found.more is None:
        return _("More workers would make it less late, but not in time any more.")
    return ngettext(
        "%(n)s more worker would do it.", "%(n)s more workers would do it.", found.more
    ) % {"n": found.more}


def _in_time(waiting: int, found: Forecast, deadline: float) -> str:
    return ngettext(
        "%(n)s video waits to be converted. It will be ready in %(time)s, %(room)s before voting "
        "opens.",
        "%(n)s videos wait to be converted. All will be ready in %(time)s, %(room)s before voting "
        "opens.",
        waiting,
    ) % {"n": waiting, "time": in_words(found.ready), "room": in_words(deadline - found.ready)}
