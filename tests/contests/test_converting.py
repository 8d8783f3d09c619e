"""The life of a conversion: claims, fencing, failures."""

import math
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from backends import queue, queue_table
from contests import converting
from contests.models import Conversion, Entry, Notification, Rendition, State
from tests.factories import make_conversion, make_entry

pytestmark = pytest.mark.django_db

MP4 = {
    "kind": "mp4",
    "key": "videos_ffmpeg/1.mp4",
    "codec": "h264",
    "width": 640,
    "height": 360,
    "duration": 1.5,
    "size": 1000,
}


@pytest.fixture
def conversion() -> Conversion:
    return make_entry().conversions.get()


def expire(conversion: Conversion) -> None:
    Conversion.objects.filter(pk=conversion.pk).update(lease_until=Now() - timedelta(seconds=1))


def facts(conversion: Conversion) -> tuple[str, int, int]:
    conversion.refresh_from_db()
    return conversion.state, conversion.attempt, conversion.failures


def test_enqueue_rings_after_the_commit(django_capture_on_commit_callbacks):
    entry = make_entry()
    with django_capture_on_commit_callbacks(execute=True):
        conversion = converting.enqueue(entry)
        assert queue.depth().visible == 0
    [message] = queue.receive(1, 60)
    assert message.body == {"conversion": conversion.pk}


def test_a_claim_names_attempt_and_source(conversion):
    claim = converting.claim(conversion.pk, "w1")
    upload = conversion.entry.upload
    assert claim == converting.Claim(
        conversion.pk, 1, conversion.entry_id, upload.key, "", upload.size, claim.waited
    )
    assert facts(conversion) == (State.RUNNING, 1, 0)


def test_what_is_held_cannot_be_claimed(conversion):
    converting.claim(conversion.pk, "w1")
    assert converting.claim(conversion.pk, "w2") is None
    assert facts(conversion) == (State.RUNNING, 1, 0)


def test_an_expired_lease_is_a_failure_and_can_be_claimed(conversion):
    old = converting.claim(conversion.pk, "w1")
    expire(conversion)
    new = converting.claim(conversion.pk, "w2")
    assert new.attempt == 2
    assert facts(conversion) == (State.RUNNING, 2, 1)
    # The old holder wakes up: nothing it says counts any more.
    assert not converting.heartbeat(old)
    assert not converting.report(old, 50, 1.0, 1.0)
    assert not converting.finish(old, [MP4])
    assert not converting.refuse(old, "no_video")
    assert not converting.release(old)
    assert converting.fail(old, "late") is None
    assert facts(conversion) == (State.RUNNING, 2, 1)
    assert Rendition.objects.count() == Notification.objects.count() == 0


def test_a_worker_that_vanishes_five_times_leaves_a_dead_row(conversion):
    for _ in range(converting.MAX_FAILURES):
        assert converting.claim(conversion.pk, "w")
        expire(conversion)
    assert converting.claim(conversion.pk, "w") is None
    assert facts(conversion) == (State.DEAD, 5, 5)


def test_a_heartbeat_moves_the_lease(conversion):
    claim = converting.claim(conversion.pk, "w1")
    expire(conversion)
    assert converting.heartbeat(claim)
    assert converting.claim(conversion.pk, "w2") is None


def test_a_report_tells_when_the_video_will_be_ready_by_the_database_s_clock(conversion):
    claim = converting.claim(conversion.pk, "w1")
    assert converting.report(claim, 25, 3.5, 60)
    row = Conversion.objects.get(ready_at__gt=Now() + timedelta(seconds=50))
    assert row.ready_at < timezone.now() + timedelta(seconds=61)
    assert (row.percent, row.megapixels) == (25, 3.5)
    assert converting.report(claim, 26, 3.5, None)
    assert Conversion.objects.get().ready_at is None


def test_finishing_in_part_is_kept_on_the_row(conversion):
    assert converting.finish(converting.claim(conversion.pk, "w1"), [MP4], partial=True)
    assert Conversion.objects.get().reason == "partial"


def test_finishing_publishes_and_tells_once(conversion):
    claim = converting.claim(conversion.pk, "w1")
    assert converting.finish(claim, [MP4])
    assert not converting.finish(claim, [MP4])
    assert facts(conversion) == (State.SUCCEEDED, 1, 0)
    assert Entry.objects.get().published_id == conversion.pk
    assert [r.key for r in conversion.renditions.all()] == ["videos_ffmpeg/1.mp4"]
    assert [n.dedup_key for n in Notification.objects.all()] == [f"ready:{conversion.pk}"]


def test_a_refusal_is_final_and_told(conversion):
    claim = converting.claim(conversion.pk, "w1")
    assert converting.refuse(claim, "no_video")
    conversion.refresh_from_db()
    assert (conversion.state, conversion.reason) == (State.FAILED, "no_video")
    assert converting.claim(conversion.pk, "w2") is None
    assert [n.dedup_key for n in Notification.objects.all()] == [f"failed:{conversion.pk}"]


def test_our_own_failures_come_back_later_and_later_then_never(conversion):
    delays = []
    for _ in range(converting.MAX_FAILURES):
        claim = converting.claim(conversion.pk, "w1")
        delays.append(converting.fail(claim, "disk full"))
    assert delays == [*sorted(delays[:-1]), math.inf]
    conversion.refresh_from_db()
    assert (conversion.state, conversion.failures) == (State.DEAD, 5)
    assert conversion.error == "disk full"


@pytest.mark.parametrize(
    "error, kept",
    [
        ("disk full", "disk full"),
        (
            "ClientError: 403 at https://b.s3.amazonaws.com/videos/1?X-Amz-Signature=abc&X=1 (put)",
            "ClientError: 403 at https://b.s3.amazonaws.com/videos/1?… (put)",
        ),
        (
            "FileNotFoundError: no '/srv/work/12-1/source', nor file:/tmp/a.b/out/x\nby ffmpeg",
            "FileNotFoundError: no '…/source', nor file:…/x by ffmpeg",
        ),
        ("ValueError: at /participar/s3cr3t/ of ada@example.org", "ValueError: at …/…/ of …@…"),
        (f"Error: {'x' * 1000} at last", f"Error: {'x' * 92}…{'x' * 192} at last"),
    ],
)
def test_what_is_kept_of_an_error_is_short_and_tells_no_secret(conversion, error, kept):
    converting.fail(converting.claim(conversion.pk, "w1"), error)
    conversion.refresh_from_db()
    assert conversion.error == kept
    assert len(kept) <= 300


def test_a_release_is_no_failure(conversion):
    for _ in range(2 * converting.MAX_FAILURES):
        assert converting.release(converting.claim(conversion.pk, "w1"))
    assert facts(conversion) == (State.QUEUED, 10, 0)


def test_redrive_gives_ended_conversions_a_clean_slate_and_a_message():
    failed = make_conversion(make_entry(state=State.SUCCEEDED), State.FAILED, reason="no_video")
    dead = make_conversion(make_entry(state=State.SUCCEEDED), State.DEAD, failures=5)
    assert converting.redrive(Conversion.objects.all()) == 2
    assert facts(failed) == (State.QUEUED, 1, 0)
    assert facts(dead) == (State.QUEUED, 1, 0)
    rung = {message.body["conversion"] for message in queue.receive(10, 60)}
    assert rung == {failed.pk, dead.pk}


def test_redrive_leaves_alone_what_is_withdrawn_or_under_way():
    withdrawn = make_entry(state=State.DEAD, withdrawn_at=timezone.now())
    busy = make_entry(state=State.FAILED)
    make_conversion(busy, State.RUNNING)
    assert converting.redrive(Conversion.objects.all()) == 0
    assert withdrawn.conversions.get().state == State.DEAD


def test_redrive_lets_one_of_an_entrys_conversions_run_the_latest():
    entry = make_entry(state=State.DEAD)
    latest = make_conversion(entry, State.FAILED)
    assert converting.redrive(Conversion.objects.all()) == 1
    assert facts(latest) == (State.QUEUED, 1, 0)


def test_redrive_asks_a_silent_queue_once_and_stops_where_it_is_told(monkeypatch):
    asked = []

    def away(*_: object) -> None:
        asked.append(1)
        raise ConnectionError

    monkeypatch.setattr(queue_table, "send", away)
    for _ in range(4):
        make_entry(state=State.DEAD)
    assert converting.redrive(Conversion.objects.all(), most=3) == 3
    assert Conversion.objects.filter(state=State.QUEUED).count() == 3
    assert len(asked) == 1


def test_a_conversion_that_is_gone_cannot_be_claimed(conversion):
    assert converting.claim(conversion.pk + 1, "w1") is None
