"""The worker's loop over a real queue, database, folder and ffmpeg."""

import signal
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from backends import queue, storage, storage_folder
from backends.instance import instance_id
from backends.models import QueueMessage
from backends.queue import Depth
from contests import converting
from contests.models import Conversion, Entry, Notification, State
from contests.reconverting import Outcome, reconvert
from contests.submitting import submit_file
from contests.withdrawing import withdraw
from tests import media
from tests.factories import make_contest, make_entry
from tests.waiting import until
from workerjob.convert import Tools
from workerjob.notices import Notice
from workerjob.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)

EMPTY = Depth(visible=0, in_flight=0, delayed=0, dead=0)
SLOW = Tools(ffmpeg_args=("-preset", "placebo", "-refs", "4"))


def submit(path: Path) -> Conversion:
    entry = submit_file(
        make_contest(), path, language="en", title="T", first_name="A", email="a@example.org"
    )
    mail.outbox.clear()  # "we have your video"
    return entry.conversions.get()


def work(tools: Tools | None = None) -> None:
    Worker(tools or Tools()).run(burst=True)
    assert list(settings.WORK_ROOT.glob("[0-9]*")) == []


def test_a_video_becomes_public_with_its_poster():
    conversion = submit(media.clip("wmv2"))
    work()
    conversion.refresh_from_db()
    assert (conversion.state, conversion.attempt, conversion.percent) == (State.SUCCEEDED, 1, 100)
    assert conversion.megapixels == pytest.approx(2 * 25 * 320 * 240 / 1e6, rel=0.05)
    entry = Entry.objects.get()
    assert entry.published_id == conversion.pk
    numbered = [(r.kind, r.number) for r in conversion.renditions.order_by("pk")]
    posters = [("poster", 0), ("poster", 1), ("poster", 2)]
    assert numbered == [("mp4", 0), *posters, ("share", 0)]
    renditions = {r.kind: r for r in conversion.renditions.filter(number=0)}
    assert storage.size(renditions["mp4"].key) == renditions["mp4"].size
    assert renditions["mp4"].key.startswith("videos_ffmpeg/")
    assert renditions["poster"].key.startswith("videos_image/")
    assert renditions["share"].key.startswith("videos_image/")
    assert queue.depth() == EMPTY
    assert [m.to for m in mail.outbox] == [["a@example.org"]]


def test_converted_again_it_gets_new_files_and_nobody_a_mail():
    conversion = submit(media.clip("wmv2"))
    work()
    mail.outbox.clear()
    old = set(conversion.renditions.values_list("key", flat=True))
    assert reconvert(conversion.entry) == Outcome.QUEUED
    work()
    new = set(Entry.objects.get().published.renditions.values_list("key", flat=True))
    assert (len(old), len(new), old & new) == (5, 5, set())
    assert all(storage_folder.path_of(key).exists() for key in old | new)
    assert queue.depth() == EMPTY
    assert mail.outbox == []


def test_withdrawn_after_its_files_are_stored_none_of_them_stays(settings, monkeypatch):
    conversion = submit(media.clip("wmv2"))
    finish = converting.finish

    def too_late(*args):
        withdraw(conversion.entry, timezone.now())
        return finish(*args)

    monkeypatch.setattr(converting, "finish", too_late)
    work()
    conversion.refresh_from_db()
    assert conversion.state == State.CANCELLED
    assert Entry.objects.get().published is None
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []
    assert mail.outbox == []


def test_a_bad_video_is_refused_at_once_for_good_with_one_mail(tmp_path):
    path = tmp_path / "text.avi"
    path.write_bytes(b"RIFF\0\0\0\0AVI LIST not a video at all" * 100)
    conversion = submit(path)
    work()
    conversion.refresh_from_db()
    assert (conversion.state, conversion.attempt, conversion.failures) == (State.FAILED, 1, 0)
    assert conversion.reason
    assert queue.depth() == EMPTY
    assert len(mail.outbox) == 1
    assert Entry.objects.get().published is None


def test_our_own_fault_is_tried_again_later():
    conversion = submit(media.clip("wmv2"))
    storage.delete(conversion.entry.upload.key)
    work()
    conversion.refresh_from_db()
    assert (conversion.state, conversion.failures) == (State.QUEUED, 1)
    assert conversion.error.startswith("FileNotFoundError")
    assert queue.depth() == Depth(visible=0, in_flight=1, delayed=0, dead=0)
    assert mail.outbox == []


@pytest.mark.parametrize("body", [{}, {"conversion": "1"}, {"conversion": True}, [1], "x"])
def test_a_message_without_an_id_goes_to_the_dead_letters(body):
    queue.send(body)
    work()
    assert queue.depth() == Depth(visible=0, in_flight=0, delayed=0, dead=1)


def test_unknown_keys_of_a_message_are_ignored():
    conversion = submit(media.clip("wmv2"))
    [old] = queue.receive(1, 60)
    queue.delete(old.handle)
    queue.send({"conversion": conversion.pk, "colour": "blue"})
    work()
    conversion.refresh_from_db()
    assert conversion.state == State.SUCCEEDED


def test_messages_for_what_is_done_held_or_gone_are_deleted():
    done = make_entry(state=State.SUCCEEDED).conversions.get()
    held = make_entry(state=State.RUNNING).conversions.get()
    for pk in (done.pk, held.pk, held.pk + 100):
        converting.ring(pk)
    work()
    assert queue.depth() == EMPTY
    assert list(Conversion.objects.order_by("pk").values_list("attempt", flat=True)) == [1, 1]


def test_a_message_sent_twice_converts_once():
    conversion = submit(media.clip("wmv2"))
    converting.ring(conversion.pk)
    work()
    conversion.refresh_from_db()
    assert (conversion.attempt, conversion.renditions.count()) == (1, 5)
    assert Notification.objects.filter(kind="ready").count() == 1
    assert queue.depth() == EMPTY


def test_who_loses_the_lease_publishes_nothing(settings):
    settings.LEASE_SECONDS, settings.HEARTBEAT_SECONDS = 60, 0.1
    conversion = submit(media.clip("wmv2"))
    row = Conversion.objects.filter(pk=conversion.pk)

    def steal() -> None:
        try:
            until(lambda: row.filter(state=State.RUNNING).exists())
            row.update(attempt=2)
        finally:
            connection.close()

    thief = threading.Thread(target=steal)
    thief.start()
    work(SLOW)
    thief.join()
    conversion.refresh_from_db()
    assert (conversion.state, conversion.attempt) == (State.RUNNING, 2)
    assert conversion.renditions.count() == 0
    assert list(settings.MEDIA_ROOT.rglob("*.mp4")) == []
    assert mail.outbox == []


@pytest.mark.parametrize("verb", ["finish", "refuse", "fail"])
def test_who_has_lost_the_lease_leaves_the_message_to_the_next(verb, monkeypatch, tmp_path):
    clip = media.clip("wmv2")
    if verb == "refuse":
        clip = tmp_path / "text.avi"
        clip.write_bytes(b"RIFF\0\0\0\0AVI LIST not a video at all" * 100)
    conversion = submit(clip)
    if verb == "fail":
        storage.delete(conversion.entry.upload.key)
    really = getattr(converting, verb)
    rows = Conversion.objects.all()

    def late(*args):
        rows.update(lease_until=Now() - timedelta(seconds=1))
        assert converting.take_back(rows) == 1
        return really(*args)

    monkeypatch.setattr(converting, verb, late)
    work()
    conversion.refresh_from_db()
    assert (conversion.state, conversion.failures) == (State.QUEUED, 1)
    assert queue.depth() == Depth(visible=0, in_flight=1, delayed=0, dead=0)


def test_what_is_tried_again_without_a_message_gets_a_new_one(monkeypatch):
    conversion = submit(media.clip("wmv2"))
    really = storage.fetch

    def fetch(*args):
        QueueMessage.objects.all().delete()  # by another, whom a silent queue gave it to
        storage.delete(conversion.entry.upload.key)
        really(*args)

    monkeypatch.setattr(storage, "fetch", fetch)
    work()
    conversion.refresh_from_db()
    assert (conversion.state, conversion.failures) == (State.QUEUED, 1)
    assert queue.depth() == Depth(visible=0, in_flight=0, delayed=1, dead=0)


def test_the_instance_may_go_when_no_worker_of_it_has_anything_under_way(monkeypatch):
    asked, answered = threading.Event(), threading.Event()

    def receive(*args):
        asked.set()
        answered.wait(30)
        return []

    monkeypatch.setattr(queue, "receive", receive)
    worker = Worker(Tools())
    running = threading.Thread(target=worker.run)
    running.start()
    try:
        assert asked.wait(30)
        worker.notices.latest = Notice.LEAVING
        held = make_entry(state=State.RUNNING).conversions
        held.update(worker=f"{instance_id()}0-1")  # another instance's
        assert not worker._is_idle()  # a message may still come
        answered.set()
        until(worker._is_idle)
        held.update(worker=f"{instance_id()}-1")
        assert not worker._is_idle()
        worker.notices.latest = None
        held.update(worker="")
        until(lambda: not worker._is_idle())
    finally:
        answered.set()
        worker._signals.append(signal.SIGTERM)
        running.join()


def test_two_at_a_time():
    conversions = [submit(media.clip("wmv2")) for _ in range(3)]
    Worker(Tools(), concurrency=2).run(burst=True)
    states = Conversion.objects.filter(pk__in=[c.pk for c in conversions]).values_list("state")
    assert [state for (state,) in states] == [State.SUCCEEDED] * 3


def test_after_faults_in_a_row_it_waits_ever_longer_and_never_polls_in_a_loop(monkeypatch):
    worker = Worker(Tools())
    waited: list[float] = []
    monkeypatch.setattr(worker._stopping, "wait", waited.append)
    monkeypatch.setattr("random.uniform", lambda low, high: high)
    for faults in (1, 2, 3, 9, 5000):
        worker._pause(faults, 0, [])
    assert waited == [1, 2, 4, 30, 30]
    waited.clear()
    worker._pause(0, time.monotonic(), [])  # an answer at once, and nothing in it
    [pause] = waited
    assert 0 < pause <= 1
    worker._pause(0, 0, [queue.Message({}, "", 1)])
    assert waited == [pause]


def test_faults_in_a_row_are_counted_until_something_ends_well():
    submit(media.clip("wmv2"))
    worker = Worker(Tools(ffmpeg="/nowhere/ffmpeg"))
    worker.run(burst=True)
    assert worker._faults == 1
    worker.tools = Tools()
    good = submit(media.clip("wmv2"))
    worker._stopping.clear()
    worker.run(burst=True)
    good.refresh_from_db()
    assert (good.state, worker._faults) == (State.SUCCEEDED, 0)


def test_an_original_that_is_gone_slows_nobody_down():
    conversion = submit(media.clip("wmv2"))
    storage.delete(conversion.entry.upload.key)
    worker = Worker(Tools())
    worker.run(burst=True)
    conversion.refresh_from_db()
    assert (conversion.failures, worker._faults) == (1, 0)
