"""The fleet at one moment."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from backends import queue
from contests import fleet, snapshot
from contests.last_day import Hour, Spread
from contests.models import Conversion, Rendition, State, Upload, Worker
from contests.snapshot import Lost
from tests.factories import make_contest, make_conversion, make_entry, make_ready_entry

pytestmark = pytest.mark.django_db


def ended(state: State, at: datetime, wait: float = 1, took: float = 2, reason: str = "") -> None:
    """A conversion that ended at a moment, having waited and taken so many seconds."""
    began = at - timedelta(seconds=took)
    times = {"started_at": began, "queued_at": began - timedelta(seconds=wait), "finished_at": at}
    Conversion.objects.filter(entry=make_entry(state=state, reason=reason)).update(**times)


def test_of_nothing():
    seen = snapshot.take()
    assert (seen.workers, seen.strays, seen.stuck, seen.lost) == ((), (), (), ())
    assert (seen.depth, seen.oldest) == (queue.Depth(0, 0, 0, 0), None)
    assert seen.states == dict.fromkeys(State, 0)
    assert (seen.stuck_count, seen.reasons) == (0, {})
    assert {(each.succeeded, each.failed, each.dead) for each in seen.hours} == {(0, 0, 0)}
    assert (seen.wait, seen.duration) == (Spread(None, None), Spread(None, None))


@pytest.mark.parametrize(
    "seconds, text",
    [
        (None, "-"),
        (-3.0, "0:00:00"),
        (59.6, "0:01:00"),
        (260, "0:04:20"),
        (100_000, "27:46:40"),
        (864_000, "240:00:00"),
    ],
)
def test_a_clock_is_the_same_in_any_language(seconds, text):
    assert snapshot.clock(seconds) == text


def test_workers_with_what_they_do():
    fleet.beat("w-1", 2)
    fleet.beat("w-2", 1, draining=True)
    Worker.objects.filter(name="w-2").update(seen_at=Now() - timedelta(minutes=5))
    mine = make_entry(state=State.RUNNING).conversions.get()
    Conversion.objects.filter(pk=mine.pk).update(worker="w-1", percent=40, attempt=3)
    stray = make_entry(state=State.RUNNING).conversions.get()
    Conversion.objects.filter(pk=stray.pk).update(worker="w-3")
    seen = snapshot.take()
    first, second = seen.workers
    assert [(each.name, each.alive, each.draining) for each in seen.workers] == [
        ("w-1", True, False),
        ("w-2", False, True),
    ]
    assert (first.concurrency, second.held) == (2, ())
    assert first.silent < 30 < 299 < second.silent
    [job] = first.held
    assert (job.conversion, job.entry, job.percent, job.attempt) == (mine.pk, mine.entry_id, 40, 3)
    assert 9 < job.running < 40
    assert 20 < job.lease < 61
    assert [each.conversion for each in seen.strays] == [stray.pk]


def test_what_waits():
    for minutes in (5, 20, 10):
        conversion = make_entry().conversions.get()
        earlier = timezone.now() - timedelta(minutes=minutes)
        Conversion.objects.filter(pk=conversion.pk).update(queued_at=earlier)
    make_entry(state=State.SUCCEEDED)
    queue.send({"conversion": 1})
    seen = snapshot.take()
    assert 1200 <= seen.oldest < 1230
    assert (seen.states[State.QUEUED], seen.states[State.SUCCEEDED]) == (3, 1)
    assert seen.depth == queue.Depth(visible=1, in_flight=0, delayed=0, dead=0)


def test_a_queue_that_does_not_answer_hides_nothing_else(monkeypatch):
    def away() -> None:
        raise ConnectionError

    monkeypatch.setattr(queue, "depth", away)
    make_entry()
    seen = snapshot.take()
    assert (seen.depth, seen.states[State.QUEUED]) == (None, 1)


def test_what_is_stuck_says_why():
    contest = make_contest()
    dead = make_entry(contest, state=State.DEAD).conversions.get()
    Conversion.objects.filter(pk=dead.pk).update(error="OSError: disk full", failures=5)
    make_entry(contest, state=State.DEAD, withdrawn_at=timezone.now())
    make_conversion(make_entry(contest, state=State.DEAD), State.QUEUED)  # somebody saw to it
    seen = snapshot.take()
    [stuck] = seen.stuck
    assert (stuck.conversion, stuck.entry, stuck.contest) == (dead.pk, dead.entry_id, contest.url)
    assert (stuck.error, stuck.failures, seen.stuck_count) == ("OSError: disk full", 5, 1)
    assert 0 <= stuck.ago < 30
    assert (stuck.retriable, seen.retriable_count) == (True, 1)
    Upload.objects.filter(entry=dead.entry_id).update(missing_since=Now())
    seen = snapshot.take()
    assert (seen.stuck[0].retriable, seen.stuck_count, seen.retriable_count) == (False, 1, 0)


def test_whose_files_are_gone():
    contest = make_contest()
    both, source, published, _whole = (make_ready_entry(contest) for _ in range(4))
    gone = make_ready_entry(contest, withdrawn_at=timezone.now())
    for entry in (both, published, gone):
        files = Rendition.objects.filter(conversion__entry=entry)
        files.update(missing_since=Now())
    Upload.objects.filter(entry__in=[both, source, gone]).update(missing_since=Now())
    make_conversion(published, State.QUEUED)
    seen = snapshot.take()
    assert seen.lost_count == 3
    assert seen.lost == (
        Lost(published.pk, contest.url, published=True, source=False, again=True),
        Lost(source.pk, contest.url, published=False, source=True, again=False),
        Lost(both.pk, contest.url, published=True, source=True, again=False),
    )


def test_all_whose_files_are_gone_are_counted(monkeypatch):
    monkeypatch.setattr(snapshot, "MOST_SHOWN", 2)
    for entry in [make_entry() for _ in range(3)]:
        Upload.objects.filter(entry=entry).update(missing_since=Now())
    seen = snapshot.take()
    assert (len(seen.lost), seen.lost_count) == (2, 3)


def test_the_last_day_by_the_hour(monkeypatch):
    this = datetime(2026, 3, 1, 12, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: this + timedelta(minutes=59))
    ended(State.SUCCEEDED, this)
    ended(State.FAILED, this - timedelta(hours=2), reason="no_video")
    ended(State.FAILED, this - timedelta(hours=2), reason="damaged")
    ended(State.FAILED, this - timedelta(hours=3), reason="damaged")
    ended(State.DEAD, this - timedelta(hours=23))
    ended(State.FAILED, this - timedelta(hours=23, seconds=1), reason="no_video")  # too long ago
    ended(State.CANCELLED, this)
    seen = snapshot.take()
    assert [each.start for each in seen.hours] == [
        this - timedelta(hours=23 - number) for number in range(24)
    ]
    assert {(each.start, each) for each in seen.hours if each != Hour(each.start, 0, 0, 0)} == {
        (hour.start, hour)
        for hour in (
            Hour(this, 1, 0, 0),
            Hour(this - timedelta(hours=2), 0, 2, 0),
            Hour(this - timedelta(hours=3), 0, 1, 0),
            Hour(this - timedelta(hours=23), 0, 0, 1),
        )
    }
    assert list(seen.reasons.items()) == [("damaged", 2), ("no_video", 1)]


def test_half_and_nearly_all_do_not_exceed():
    now = timezone.now()
    for number in range(1, 21):
        ended(State.SUCCEEDED, now, wait=number, took=10 * number)
    ended(State.FAILED, now, wait=1000, took=1000, reason="damaged")
    seen = snapshot.take()
    assert (seen.wait, seen.duration) == (Spread(10.5, 19.0), Spread(105.0, 190.0))


def test_queries_do_not_grow_with_the_fleet(django_assert_num_queries):
    def grow(first: int) -> None:
        contest = make_contest()
        for number in range(first, first + 5):
            fleet.beat(f"w-{number}", 1)
            make_entry(contest, state=State.RUNNING)
            make_entry(contest, state=State.DEAD)
            Upload.objects.filter(entry=make_ready_entry(contest)).update(missing_since=Now())
            ended(State.FAILED, timezone.now(), reason="damaged")

    # running, alive, workers, states, ended, measured, stuck, its count, three for what is gone,
    # nameless files, and the queue's
    for first in (0, 5):
        grow(first)
        with django_assert_num_queries(13):
            snapshot.take()
