import threading

import pytest
from django.db import DatabaseError

from contests import fleet
from contests.models import Worker
from tests.waiting import until
from workerjob import presence

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_is_known_while_it_lives_and_whether_it_takes_more(settings):
    settings.HEARTBEAT_SECONDS = 0.05
    draining = threading.Event()
    with presence.told("a worker", 3, draining.is_set):
        found = until(lambda: list(Worker.objects.values_list("name", "concurrency", "draining")))
        assert found == [("a worker", 3, False)]
        draining.set()
        until(lambda: Worker.objects.filter(draining=True).exists())
    assert not Worker.objects.exists()


def test_a_database_that_is_away_does_not_stop_it(settings, monkeypatch):
    settings.HEARTBEAT_SECONDS = 0.05
    beat, beats = fleet.beat, []

    def fail_twice(*args):
        beats.append(args)
        if len(beats) <= 2:
            raise DatabaseError
        beat(*args)

    monkeypatch.setattr(fleet, "beat", fail_twice)
    with presence.told("a worker", 1, lambda: False):
        until(Worker.objects.exists)
