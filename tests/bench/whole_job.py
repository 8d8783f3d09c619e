"""The whole job, from claim to finished, on a service of its own in a throw-away folder."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contests.models import Contest


@contextmanager
def service(folder: Path) -> Iterator[None]:
    """Set up database, queue and files below `folder`, for this process and its children."""
    os.environ["VIDEOSHARE_DATA"] = str(folder / "data")
    os.environ["DJANGO_SETTINGS_MODULE"] = "videoshare.settings"
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    logging.disable(logging.INFO)
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    try:
        yield
    finally:
        connection.close()


def contest() -> "Contest":
    """Make a contest that is open for a day."""
    from datetime import timedelta

    from django.utils import timezone

    from contests.models import Contest

    now, day = timezone.now(), timedelta(days=1)
    dates = {"submissions_open": now, "submissions_close": now + day}
    dates |= {"voting_open": now, "voting_close": now + day}
    url = f"bench-{Contest.objects.count()}"
    return Contest.objects.create(name="B", url=url, **dates)


def submitted(source: Path, times: int) -> list[int]:
    """Submit `source` so many times; returns the conversions, whose messages are yet to be sent."""
    from backends.models import QueueMessage
    from contests import submitting

    found = contest()
    about = {"language": "en", "title": "B", "email": "bench@videoshare.invalid"}
    entries = [submitting.submit_file(found, source, **about) for _ in range(times)]
    QueueMessage.objects.all().delete()
    return [entry.conversions.get().pk for entry in entries]


def work(conversions: list[int], concurrency: int = 1) -> None:
    """Do these conversions, as a worker does: messages, claims, files, finishing, mails."""
    from contests import converting
    from workerjob.job import Tools
    from workerjob.worker import Worker

    for pk in conversions:
        converting.ring(pk)
    Worker(Tools(), concurrency).run(burst=True)
    check(conversions)


def check(conversions: list[int]) -> None:
    """Raise AssertionError unless all of these succeeded."""
    from contests.models import Conversion, State

    rows = Conversion.objects.filter(pk__in=conversions)
    failed = list(rows.exclude(state=State.SUCCEEDED).values_list("pk", "state", "reason", "error"))
    if failed:
        raise AssertionError(f"did not succeed: {failed}")


def prepared(source: Path, times: int) -> Callable[[], None]:
    """Submit `source` so many times; each call of the result does one of the jobs."""
    waiting = iter(submitted(source, times))
    return lambda: work([next(waiting)])
