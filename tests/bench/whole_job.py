"""The whole job, from claim to finished, on a service of its own in a throw-away folder."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def service(folder: Path) -> Iterator[None]:
    """Set up database, queue and files below `folder`, for this process."""
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


def prepared(source: Path, times: int) -> Callable[[], None]:
    """Submit `source` so many times; each call of the result does one of the jobs.

    Timed are message, claim, conversion, storing, the finishing transaction and the mail.
    """
    from datetime import timedelta

    from django.utils import timezone

    from accounts.models import User
    from backends.models import QueueMessage
    from contests import converting, submitting
    from contests.models import Contest, Conversion, State
    from workerjob.job import Tools
    from workerjob.worker import Worker

    now, day = timezone.now(), timedelta(days=1)
    organizer, _ = User.objects.get_or_create(email="bench@videoshare.invalid")
    dates = {"submissions_open": now, "submissions_close": now + day}
    dates |= {"voting_open": now, "voting_close": now + day}
    contest = Contest.objects.create(organizer=organizer, name="B", url=source.suffix[1:], **dates)
    about = {"language": "en", "title": "B", "email": organizer.email}
    entries = [submitting.submit_file(contest, source, **about) for _ in range(times)]
    QueueMessage.objects.all().delete()
    waiting = iter([entry.conversions.get().pk for entry in entries])

    def job() -> None:
        pk = next(waiting)
        converting.ring(pk)
        Worker(Tools()).run(burst=True)
        if Conversion.objects.get(pk=pk).state != State.SUCCEEDED:
            raise AssertionError(f"conversion {pk} did not succeed")

    return job
