"""A contest once more: its settings with later dates, and nothing that people brought."""

import itertools
from copy import copy
from datetime import UTC, date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Model

from accounts.models import User
from backends import storage
from backends.transactions import retried
from contests import accepting, auditing
from contests.editing import PICTURES
from contests.models import Contest, Member, Role

DATES = ("submissions_open", "submissions_close", "voting_open", "voting_close", "results_at")
_WEEKS_A_YEAR = 365.2425 / 7
_HALF_A_YEAR = 26  # weeks


def duplicate(contest: Contest, by: User, now: datetime) -> Contest:
    """Make a draft with a contest's settings, rules, categories and questions, owned by `by`.

    Its dates lie ahead, on the same weekdays and hours. Entries, codes and the team stay behind.
    """
    made = copy(contest)
    made.pk = None
    made.announced_at, made.erased_at, made.preview_token = None, None, ""
    made.organizer = None
    move(made, now)
    keys = [_copied(getattr(contest, name)) for name in PICTURES]
    for name, key in zip(PICTURES, keys, strict=True):
        setattr(made, name, key)
    try:
        _save(contest, made, by)
    except BaseException:
        storage.delete(*filter(None, keys), unseen=True)
        raise
    return made


def move(contest: Contest, now: datetime) -> None:
    """Move a contest's dates by whole weeks, so that submissions open after today.

    A contest of half a year ago or longer is taken for a yearly one, and moved by years.
    """
    zone = contest.tzinfo
    before = {name: moment for name in DATES if (moment := getattr(contest, name))}
    opens = contest.submissions_open.astimezone(zone).date()
    by = timedelta(weeks=_weeks(opens, now.astimezone(zone).date()))
    for name, moment in before.items():
        # By the clock on the wall, whatever summer time does to the hours between.
        local = moment.astimezone(zone).replace(tzinfo=None, fold=0) + by
        setattr(contest, name, local.replace(tzinfo=zone).astimezone(UTC))
    try:
        contest.clean()
    except ValidationError:  # two dates around an hour that the clocks skip or repeat
        for name, moment in before.items():
            setattr(contest, name, moment + by)


def _weeks(opens: date, today: date) -> int:
    weeks = max(0, (today - opens).days // 7 + 1)
    if weeks <= _HALF_A_YEAR:
        return weeks
    years = (round(number * _WEEKS_A_YEAR) for number in itertools.count(1))
    return next(each for each in years if each >= weeks)


def _copied(key: str) -> str:
    """Copy a stored picture and return the copy's key; "" when there is none."""
    if not key:
        return ""
    new = storage.key_beside(key, private=key.startswith(storage.PRIVATE))
    try:
        storage.copy(key, new)
    except FileNotFoundError:
        return ""
    return new


@retried
def _save(contest: Contest, made: Contest, by: User) -> None:
    made.pk = None  # of a transaction that was broken up
    made.url = _free_url(contest.url)
    made.save(force_insert=True)
    Member.objects.create(contest=made, user=by, role=Role.OWNER)
    if rules := accepting.rules_of(contest):
        rules.version, rules.created_by = 1, by
        _add(made, rules)
    for part in (*contest.categories.all(), *contest.questions.all()):
        _add(made, part)
    auditing.record(made, "contest_made", user=by, copy_of=contest.pk)


def _add(contest: Contest, row: Model) -> None:
    """Save a row of another contest as this one's, too."""
    row.pk = None
    setattr(row, "contest", contest)  # noqa: B010 - each of these models has one
    row.save(force_insert=True)


def _free_url(url: str) -> str:
    """Return a similar address that no contest has."""
    for number in itertools.count(2):
        end = f"-{number}"
        free = url[: 60 - len(end)].rstrip("-") + end
        if not Contest.objects.filter(url=free).exists():
            return free
    raise AssertionError
