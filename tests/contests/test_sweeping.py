from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from backends import queue, storage, storage_folder
from contests import converting, notifying, sweeping
from contests.models import Conversion, Entry, Kind, Notification, State, SweepLock, Upload
from contests.sweeping import Swept
from tests.factories import make_entry, make_upload

pytestmark = pytest.mark.django_db


def test_nothing_to_do():
    assert sweeping.sweep() == Swept()


def test_one_at_a_time_and_a_dead_sweepers_lock_runs_out():
    SweepLock.objects.create(pk=1, until=timezone.now() + timedelta(seconds=60))
    assert sweeping.sweep() is None
    SweepLock.objects.update(until=Now() - timedelta(seconds=1))
    assert sweeping.sweep() == Swept()


def test_the_lock_is_free_again_afterwards():
    assert (sweeping.sweep(), sweeping.sweep()) == (Swept(), Swept())


def test_expired_leases_are_taken_back_and_live_ones_left():
    expired, live = (make_entry(state=State.RUNNING).conversions.get() for _ in range(2))
    Conversion.objects.filter(pk=expired.pk).update(lease_until=Now() - timedelta(seconds=1))
    assert sweeping.sweep() == Swept(leases=1)
    expired.refresh_from_db()
    live.refresh_from_db()
    assert (expired.state, expired.failures, live.state) == (State.QUEUED, 1, State.RUNNING)


def test_unsent_mail_is_sent():
    entry = make_entry()
    Notification.objects.create(
        kind="received",
        dedup_key="received:1",
        entry=entry,
        language="es",
        created_at=Now(),
        due_at=Now(),
    )
    assert sweeping.sweep() == Swept(mails=1)
    assert sweeping.sweep() == Swept()


class TestLostMessages:
    def age(self) -> None:
        """Let a minute pass, as far as the database knows."""
        earlier = Now() - timedelta(seconds=61)
        Conversion.objects.update(ring_at=earlier)
        SweepLock.objects.exclude(short_since=None).update(short_since=earlier)

    def test_are_rung_again_after_a_minute_of_shortage(self):
        conversion = make_entry().conversions.get()
        self.age()
        assert sweeping.sweep() == Swept()  # the shortage may be a message just being sent
        self.age()
        assert sweeping.sweep() == Swept(rung=1)
        assert [m.body for m in queue.receive(5, 60)] == [{"conversion": conversion.pk}]
        self.age()
        assert sweeping.sweep() == Swept()

    def test_no_more_than_are_missing_oldest_first(self):
        first, _second = (make_entry().conversions.get() for _ in range(2))
        queue.send({"conversion": 0})
        sweeping.sweep()
        self.age()
        assert sweeping.sweep() == Swept(rung=1)
        queue.receive(1, 60)
        assert [m.body for m in queue.receive(5, 60)] == [{"conversion": first.pk}]

    def test_a_queue_that_takes_no_message_is_asked_once_a_round(self, monkeypatch):
        for _ in range(3):
            make_entry()
        really, asked = queue.send, []

        def away_then(body: dict[str, int], delay: float) -> None:
            asked.append(body)
            if len(asked) == 2:
                raise ConnectionError
            really(body, delay)

        monkeypatch.setattr(queue, "send", away_then)
        sweeping.sweep()
        self.age()
        assert (sweeping.sweep(), len(asked)) == (Swept(rung=1), 2)
        self.age()
        assert sweeping.sweep() == Swept()  # again only after a minute of shortage
        self.age()
        assert (sweeping.sweep(), len(asked)) == (Swept(rung=2), 4)

    def test_dead_rows_are_not_rung(self):
        make_entry(state=State.DEAD)
        sweeping.sweep()
        self.age()
        assert sweeping.sweep() == Swept()

    def test_a_shortage_that_ended_is_forgotten(self):
        conversion = make_entry().conversions.get()
        sweeping.sweep()
        converting.ring(conversion.pk)
        sweeping.sweep()
        queue.receive(1, 0)
        assert SweepLock.objects.get().short_since is None


def test_while_the_queue_is_away_all_else_is_swept(monkeypatch):
    def away() -> None:
        raise ConnectionError

    abandoned = make_upload()
    Upload.objects.update(touched_at=timezone.now() - 2 * sweeping.ABANDONED)
    monkeypatch.setattr(queue, "depth", away)
    assert sweeping.sweep() == Swept(uploads=1)
    assert not Upload.objects.filter(pk=abandoned.pk).exists()


def test_while_the_storage_is_away_it_is_asked_once_and_mail_goes_out(monkeypatch):
    asked = []

    def away() -> None:
        asked.append(1)
        raise storage.Unavailable

    abandoned, entry = make_upload(), make_entry()
    Upload.objects.filter(pk=abandoned.pk).update(touched_at=Now() - 2 * sweeping.ABANDONED)
    notifying.notify(Kind.RECEIVED, "received:1", entry=entry, language="es")
    monkeypatch.setattr(storage, "check", away)
    assert sweeping.sweep() == Swept(mails=1)
    assert (len(asked), Upload.objects.filter(pk=abandoned.pk).exists()) == (1, True)


def test_whose_step_took_too_long_leaves_the_rest_to_the_next_sweeper(monkeypatch):
    def long() -> int:
        SweepLock.objects.update(until=theirs)
        return 1

    theirs = timezone.now() + timedelta(seconds=60)
    notifying.notify(Kind.RECEIVED, "received:1", entry=make_entry(), language="es")
    monkeypatch.setattr(sweeping, "_take_back", long)
    assert sweeping.sweep() == Swept(leases=1)
    assert SweepLock.objects.get().until == theirs


def test_abandoned_uploads_go_with_their_files_and_entries_stay():
    abandoned, entrys = make_upload(), make_entry().upload
    fresh = make_upload()
    long_ago = timezone.now() - sweeping.ABANDONED - timedelta(minutes=1)
    Upload.objects.filter(pk__in=[abandoned.pk, entrys.pk]).update(touched_at=long_ago)
    assert sweeping.sweep() == Swept(uploads=1)
    assert set(Upload.objects.all()) == {entrys, fresh}
    assert not storage_folder.path_of(abandoned.key).exists()
    assert storage_folder.path_of(entrys.key).exists()
    assert Entry.objects.count() == 1
