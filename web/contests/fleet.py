"""Which workers there are. Each tells of itself; who falls silent is shown so, then forgotten."""

import time
import tomllib
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Now

from backends.instance import instance_id
from contests.models import Worker
from videoshare.config import ROOT

FORGOTTEN = timedelta(hours=1)
_BEATS = 3  # of which one may come late and one be lost
_began = time.monotonic()


def beat(name: str, concurrency: int, draining: bool = False) -> None:
    """Tell that the worker of this process lives: at its start, then with every heartbeat.

    `concurrency` is how many conversions it runs at the same time; `draining`: it finishes these
    and takes no others.
    """
    told = {
        "instance": instance_id(),
        "version": _version(),
        "concurrency": concurrency,
        "draining": draining,
        "started_at": Now() - timedelta(seconds=time.monotonic() - _began),
        "seen_at": Now(),
    }
    if not Worker.objects.filter(name=name).update(**told):
        Worker.objects.create(name=name, **told)


def leave(name: str) -> None:
    """Forget a worker that has stopped."""
    Worker.objects.filter(name=name).delete()


def alive() -> QuerySet[Worker]:
    """All workers that were heard of lately."""
    seconds = _BEATS * settings.HEARTBEAT_SECONDS
    return Worker.objects.filter(seen_at__gte=Now() - timedelta(seconds=seconds))


def forget_silent() -> int:
    """Forget workers that were not heard of for an hour; return how many."""
    return Worker.objects.filter(seen_at__lt=Now() - FORGOTTEN).delete()[0]


@cache
def _version() -> str:
    """The service's version; "" where only the code was copied."""
    try:
        return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])
    except FileNotFoundError:
        return ""
