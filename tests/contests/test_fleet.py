"""Workers that tell of themselves."""

import tomllib
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from backends.instance import instance_id
from contests import fleet, sweeping
from contests.models import Worker
from contests.sweeping import Swept
from videoshare.config import ROOT

pytestmark = pytest.mark.django_db


def silent_for(name: str, **time: float) -> None:
    Worker.objects.filter(name=name).update(seen_at=Now() - timedelta(**time))


def test_a_worker_tells_what_it_is():
    fleet.beat("w-1", 2)
    worker = Worker.objects.get()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert (worker.name, worker.concurrency, worker.draining) == ("w-1", 2, False)
    assert worker.instance == instance_id()
    assert worker.version == version
    assert timedelta(0) <= worker.seen_at - worker.started_at < timedelta(hours=1)


def test_the_next_beat_is_the_same_worker_seen_later():
    fleet.beat("w-1", 2)
    silent_for("w-1", minutes=10)
    silent = Worker.objects.get()
    fleet.beat("w-1", 2, draining=True)
    worker = Worker.objects.get()
    assert (worker.pk, worker.draining) == (silent.pk, True)
    assert worker.seen_at > silent.seen_at + timedelta(minutes=9)


def test_a_beat_is_one_query_once_the_worker_is_known(django_assert_num_queries):
    fleet.beat("w-1", 2)
    with django_assert_num_queries(1):
        fleet.beat("w-1", 2)


def test_who_misses_three_heartbeats_is_not_alive(settings):
    settings.HEARTBEAT_SECONDS = 20
    for name, seconds in (("early", 0), ("late", 55), ("silent", 65)):
        fleet.beat(name, 1)
        silent_for(name, seconds=seconds)
    assert {worker.name for worker in fleet.alive()} == {"early", "late"}


def test_who_stops_is_forgotten_at_once():
    fleet.beat("w-1", 1)
    fleet.beat("w-2", 1)
    fleet.leave("w-1")
    fleet.leave("w-1")
    assert Worker.objects.get().name == "w-2"


def test_the_sweeper_forgets_who_was_silent_for_an_hour():
    for name, minutes in (("w-1", 59), ("w-2", 61)):
        fleet.beat(name, 1)
        silent_for(name, minutes=minutes)
    assert sweeping.sweep() == Swept(workers=1)
    assert Worker.objects.get().name == "w-1"
