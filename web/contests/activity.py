"""How a contest went so far: entries and votes over time, for its organizers' charts."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncHour

from contests.models import Choice, Contest

MOST = 60  # columns of a chart
_HOUR, _DAY, _WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


@dataclass(frozen=True)
class Series:
    """How many there were in each stretch of time; `starts` are on the contest's clock."""

    step: timedelta
    starts: list[datetime]
    counts: list[int]

    @property
    def total(self) -> int:
        """All together."""
        return sum(self.counts)


def entries(contest: Contest, now: datetime) -> Series:
    """Count the entries, withdrawn ones too, since submissions opened."""
    end = min(now, contest.submissions_close + timedelta(minutes=contest.grace_minutes))
    return _series(contest, contest.entries.all(), "submitted_at", contest.submissions_open, end)


def votes(contest: Contest, now: datetime) -> Series:
    """Count the votes that stand, by when each was last changed, since voting opened."""
    there = Choice.objects.filter(entry__contest=contest, entry__withdrawn_at=None)
    end = min(now, contest.voting_close)
    return _series(contest, there, "changed_at", contest.voting_open, end)


def _series(
    contest: Contest, rows: QuerySet[Any], field: str, begin: datetime, end: datetime
) -> Series:
    # By the hour of the world's clock: not every database knows the zones of the earth.
    hours = rows.order_by().annotate(hour=TruncHour(field, tzinfo=UTC)).values_list("hour")
    found: dict[datetime, int] = dict(hours.annotate(count=Count("pk")))
    first, last = min(found, default=begin), max(found, default=begin)
    begin, end = min(begin, first), max(end, last)
    step = next((each for each in (_HOUR, _DAY) if (end - begin) / each < MOST), _WEEK)
    counted: Counter[datetime] = Counter()
    for hour, count in found.items():
        counted[_start(hour, step, contest)] += count
    start, starts = _start(begin, step, contest), []
    while start <= end.astimezone(contest.tzinfo):
        starts.append(start)
        start = _after(start, step)
    shown = starts[-MOST:]  # of more than a year only the latest weeks
    return Series(step, shown, [counted[each] for each in shown])


def _start(moment: datetime, step: timedelta, contest: Contest) -> datetime:
    """Return when the hour, day or week (from Monday) began in which something happened."""
    local = moment.astimezone(contest.tzinfo).replace(minute=0, second=0, microsecond=0)
    if step == _HOUR:
        return local
    day = local.replace(hour=0, fold=0)
    return day - timedelta(days=day.weekday()) if step == _WEEK else day


def _after(start: datetime, step: timedelta) -> datetime:
    """The next stretch: days and weeks by the calendar, hours by the clock that never jumps."""
    if step == _HOUR:
        return (start.astimezone(UTC) + step).astimezone(start.tzinfo)
    return start + step
