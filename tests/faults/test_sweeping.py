"""Two sweep at once; stored files disappear, or nothing names them any more."""

import signal
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from backends import queue, storage
from contests import nameless, notifying, stored, sweeping
from contests.models import Conversion, Notification, Rendition, State, SweepLock, Upload
from tests.faults.world import World
from tests.processes import stands_still
from tests.waiting import until


def test_two_who_sweep_at_once_do_each_thing_once(world, monkeypatch):
    conversions = submit_silently(world, monkeypatch, 6)
    earlier = Now() - timedelta(minutes=5)
    Conversion.objects.update(ring_at=earlier)
    expired = Conversion.objects.filter(pk__in=[each.pk for each in conversions[:2]])
    expired.update(state=State.RUNNING, attempt=1, lease_until=earlier)
    sweepers = [world.start_sweeper() for _ in range(2)]
    until(lambda: queue.depth().pending >= len(conversions))
    until(lambda: not Notification.objects.filter(sent_at=None).exists())
    for sweeper in sweepers:
        sweeper.terminate()
    assert [sweeper.wait(30) for sweeper in sweepers] == [0, 0]
    assert queue.depth().visible == len(conversions)
    assert list(expired.values_list("state", "failures")) == [(State.QUEUED, 1)] * 2
    for _ in range(2):
        world.start()
    world.check(dict.fromkeys(conversions, State.SUCCEEDED))
    assert sorted(map(world.tries, conversions)) == [(1, 0)] * 4 + [(2, 1)] * 2


def test_a_sweeper_that_stood_still_repeats_nothing(world, monkeypatch):
    """It still knows which mails were due, and its lock has long been another's."""
    conversions = submit_silently(world, monkeypatch, 3)
    late = world.start_sweeper("before contests.notifying:_send 2 freeze")
    until(lambda: stands_still(late.pid))
    world.start()
    until(lambda: not Notification.objects.filter(sent_at=None).exists())
    late.send_signal(signal.SIGCONT)
    world.check(dict.fromkeys(conversions, State.SUCCEEDED))


def test_a_published_file_that_disappears_is_made_again(world):
    first = world.submit()
    world.start()
    until(lambda: world.reread(first).state == State.SUCCEEDED)
    lost = first.renditions.get(kind=Rendition.Kind.MP4)
    storage.delete(lost.key)
    until(lambda: first.entry.conversions.count() == 2)
    second = first.entry.conversions.latest("pk")
    world.check({first: State.SUCCEEDED, second: State.SUCCEEDED})
    assert world.reread(first).superseded_at
    assert world.tries(second) == (1, 0)


def test_files_that_nothing_names_go_after_a_day_and_no_others(world, monkeypatch):
    conversion, earlier = world.submit(), stored_keys()
    world.start("before contests.converting:finish 1 kill").wait(30)
    left = stored_keys() - earlier
    assert len(left) == 5
    world.start()
    for _ in range(2):  # the whole of the first one that begins
        wait_for_a_round()
    world.check({conversion: State.SUCCEEDED})
    assert stored_keys() > left
    monkeypatch.setattr(nameless, "GRACE", timedelta(minutes=-1))  # as if it were the next day
    SweepLock.objects.update(until=Now(), listed_to="", listing_began=None)
    until(lambda: sweeping.sweep() and not SweepLock.objects.exclude(listed_to="").exists())
    named = Upload.objects.values_list("key").union(Rendition.objects.values_list("key"))
    assert stored_keys() == {key for (key,) in named}


def submit_silently(world: World, monkeypatch: pytest.MonkeyPatch, count: int) -> list[Conversion]:
    """Submit copies of a clip; no bell is rung and no mail sent."""
    with monkeypatch.context() as away:
        away.setattr(queue, "send", lambda *_, **__: None)
        away.setattr(notifying, "send_due", lambda *_, **__: 0)
        return [world.submit("flv_h264_aac") for _ in range(count)]


def wait_for_a_round() -> None:
    """Wait until a worker begins to compare files and rows anew."""
    began = SweepLock.objects.values_list("listing_began", flat=True).first()
    until(lambda: SweepLock.objects.exclude(listing_began=began).exists())


def stored_keys() -> set[str]:
    """All that is stored."""
    parts = [storage.listing(prefix, "", stored.PART) for prefix in stored.PREFIXES]
    return {key for part in parts for key in part}
