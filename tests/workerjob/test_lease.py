import math
import threading
import time

import pytest
from django.db import DatabaseError, connection
from django.db.models.functions import Now

from backends import queue
from backends.queue import Depth
from contests import converting
from contests.models import Conversion, State
from tests.factories import make_entry
from tests.waiting import until
from workerjob.lease import Lease

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lease(settings) -> Lease:
    settings.LEASE_SECONDS, settings.HEARTBEAT_SECONDS = 60, 0.05
    conversion = make_entry().conversions.get()
    converting.ring(conversion.pk)
    [message] = queue.receive(1, 60)
    since = time.monotonic()
    return Lease(converting.claim(conversion.pk, "w"), message, since)


class Silence:
    """Makes functions say nothing until it is over."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.over = threading.Event()
        self._patch = patch

    def fall(self, module: object, name: str) -> threading.Event:
        """Begin; return an event that says when the function was first asked."""
        asked = threading.Event()

        def silent(*args: object) -> bool:
            asked.set()
            self.over.wait(60)
            raise DatabaseError("gone")

        self._patch.setattr(module, name, silent)
        return asked


@pytest.fixture
def silence(monkeypatch):
    found = Silence(monkeypatch)
    yield found
    found.over.set()


def renewing() -> bool:
    return any(each.name.startswith("lease-") for each in threading.enumerate())


def test_row_and_message_are_renewed_while_held(lease):
    row = Conversion.objects.filter(pk=lease.claim.id)
    with lease.held():
        row.update(lease_until=Now())
        until(lambda: row.filter(lease_until__gt=Now()).exists())
        queue.extend(lease.message, 0)
        until(lambda: queue.depth().in_flight == 1)
    assert not lease.stop.is_set()


def test_a_connection_that_breaks_is_made_anew(lease, monkeypatch):
    real = converting.heartbeat
    broken = threading.Event()

    def heartbeat(claim: converting.Claim) -> bool:
        if not broken.is_set():
            connection.ensure_connection()
            connection.connection.close()  # as a server that goes away does
            broken.set()
        return real(claim)

    monkeypatch.setattr(converting, "heartbeat", heartbeat)
    row = Conversion.objects.filter(pk=lease.claim.id)
    with lease.held():
        assert broken.wait(30)
        row.update(lease_until=Now())
        until(lambda: row.filter(lease_until__gt=Now()).exists())
    assert not lease.stop.is_set()


def test_a_lost_lease_stops_the_work_and_stays_with_who_has_it(lease):
    with lease.held():
        Conversion.objects.update(attempt=2)
        assert lease.stop.wait(30)
    row = Conversion.objects.get()
    assert (row.state, row.attempt) == (State.RUNNING, 2)
    assert queue.depth() == Depth(visible=0, in_flight=1, delayed=0, dead=0)


ENDS = {
    "finished": lambda claim: converting.finish(claim, []),
    "refused": lambda claim: converting.refuse(claim, "no_video"),
    "failed": lambda claim: converting.fail(claim, "disk full") < math.inf,
    "dead": lambda claim: converting.fail(claim, "disk full") == math.inf,
}


@pytest.mark.parametrize("seconds", [0.05, 60])
@pytest.mark.parametrize("end", ENDS)
def test_what_the_worker_has_ended_itself_is_not_lost(lease, settings, monkeypatch, seconds, end):
    if end == "dead":
        Conversion.objects.update(failures=converting.MAX_FAILURES - 1)
    settings.HEARTBEAT_SECONDS = seconds
    monkeypatch.setattr("workerjob.lease._LOOK_SECONDS", 0.05)
    real, calls = converting.holds, []

    def holds(claim: converting.Claim) -> bool:
        calls.append(claim)
        return real(claim)

    monkeypatch.setattr(converting, "holds", holds)
    with lease.held():
        assert ENDS[end](lease.claim)  # its mail is still being sent
        until(lambda: len(calls) > 3)
    assert not lease.stop.is_set()


def test_told_to_end_it_gives_the_conversion_back_at_once_whatever_the_worker_is_at(lease):
    row = Conversion.objects.filter(pk=lease.claim.id)
    with lease.held():
        lease.end()
        until(lambda: row.filter(state=State.QUEUED, failures=0, worker="").exists())
        until(lambda: queue.depth() == Depth(visible=1, in_flight=0, delayed=0, dead=0))
        assert not converting.finish(lease.claim, [])
    assert lease.stop.is_set()


def test_given_back_without_a_message_it_gets_a_new_one(lease):
    queue.delete(lease.message.handle)  # by another, whom a silent queue gave it to
    with lease.held():
        lease.end()
        until(lambda: queue.depth() == Depth(visible=1, in_flight=0, delayed=0, dead=0))


def test_told_to_end_what_has_ended_it_keeps_the_message_hidden(lease):
    with lease.held():
        assert converting.refuse(lease.claim, "no_video")
        lease.end()
        until(lambda: not renewing())
    assert Conversion.objects.get().state == State.FAILED
    assert queue.depth().visible == 0


@pytest.mark.parametrize("silent", ["heartbeat", "holds"])
def test_a_silent_database_stops_the_work_before_the_lease_is_out(lease, settings, silence, silent):
    settings.LEASE_SECONDS, settings.HEARTBEAT_SECONDS = 4, 1 if silent == "heartbeat" else 60
    row = Conversion.objects.filter(pk=lease.claim.id)
    assert converting.heartbeat(lease.claim)
    since = time.monotonic()
    lease = Lease(lease.claim, lease.message, since)
    asked = silence.fall(converting, silent)
    with lease.held():
        assert asked.wait(30)
        assert lease.stop.wait(30)
        assert row.filter(lease_until__gt=Now()).exists()  # nobody else could claim it yet
        silence.over.set()
    assert row.get().attempt == 1


def test_a_database_that_stays_away_stops_the_work_before_the_lease_is_out(
    lease, settings, monkeypatch
):
    settings.LEASE_SECONDS, settings.HEARTBEAT_SECONDS = 4, 0.1
    row = Conversion.objects.filter(pk=lease.claim.id)
    assert converting.heartbeat(lease.claim)
    lease = Lease(lease.claim, lease.message, time.monotonic())

    def away(claim: object) -> bool:
        raise DatabaseError("gone")

    monkeypatch.setattr(converting, "heartbeat", away)
    with lease.held():
        assert lease.stop.wait(30)
        assert row.filter(lease_until__gt=Now()).exists()


def test_a_silent_queue_does_not_cost_the_row_its_lease(lease, silence):
    row = Conversion.objects.filter(pk=lease.claim.id)
    asked = silence.fall(queue, "extend")
    with lease.held():
        assert asked.wait(30)
        for _ in range(3):
            row.update(lease_until=Now())
            until(lambda: row.filter(lease_until__gt=Now()).exists())
        silence.over.set()
    assert not lease.stop.is_set()


def test_a_short_absence_of_the_database_is_survived(lease, monkeypatch):
    real, calls = converting.heartbeat, []

    def away_twice(claim: converting.Claim) -> bool:
        calls.append(claim)
        if len(calls) <= 2:
            raise DatabaseError("gone")
        return real(claim)

    monkeypatch.setattr(converting, "heartbeat", away_twice)
    with lease.held():
        until(lambda: len(calls) > 3)
    assert not lease.stop.is_set()
