import threading

import pytest
from django.db import DatabaseError, connection
from django.db.models.functions import Now

from backends import queue
from contests import converting
from contests.models import Conversion
from tests.factories import make_entry
from tests.waiting import until
from workerjob.lease import Lease

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lease(settings) -> Lease:
    settings.LEASE_SECONDS, settings.HEARTBEAT_SECONDS = 60, 0.05
    conversion = make_entry().conversions.get()
    converting.ring(conversion.pk)
    [message] = queue.receive(1, 1)
    return Lease(converting.claim(conversion.pk, "w"), message.handle)


def test_row_and_message_are_renewed_while_held(lease):
    row = Conversion.objects.filter(pk=lease.claim.id)
    with lease.held():
        row.update(lease_until=Now())
        until(lambda: row.filter(lease_until__gt=Now()).exists())
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
    assert not lease.lost


def test_a_lost_lease_stops_the_work(lease):
    with lease.held():
        Conversion.objects.update(attempt=2)
        assert lease.stop.wait(30)
    assert lease.lost


@pytest.mark.parametrize("seconds", [0.05, 60])
def test_what_the_worker_has_ended_itself_is_not_lost(lease, settings, monkeypatch, seconds):
    settings.HEARTBEAT_SECONDS = seconds
    monkeypatch.setattr("workerjob.lease._LOOK_SECONDS", 0.05)
    real, calls = converting.holds, []

    def holds(claim: converting.Claim) -> bool:
        calls.append(claim)
        return real(claim)

    monkeypatch.setattr(converting, "holds", holds)
    with lease.held():
        assert converting.refuse(lease.claim, "no_video")  # its mail is still being sent
        until(lambda: len(calls) > 3)
    assert not lease.lost


def test_what_the_worker_gives_back_when_told_to_stop_is_not_lost(lease):
    with lease.held():
        lease.stop.set()
        assert converting.release(lease.claim)
        until(lambda: "lease-" not in "".join(each.name for each in threading.enumerate()))
    assert not lease.lost


def test_a_database_that_stays_away_stops_the_work_before_the_lease_is_out(
    lease, settings, monkeypatch
):
    settings.LEASE_SECONDS, settings.HEARTBEAT_SECONDS = 0.5, 0.1

    def away(claim: object) -> bool:
        raise DatabaseError("gone")

    monkeypatch.setattr(converting, "heartbeat", away)
    with lease.held():
        assert lease.stop.wait(30)
        # Nobody else could claim it yet.
        assert lease.lost
    assert Conversion.objects.get().attempt == 1


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
