"""Converting again: what is public stays until the new is there, and goes a day later."""

import math
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from backends import queue, storage, storage_folder
from contests import converting, overview, reconverting, sweeping
from contests.converting import Claim
from contests.models import Conversion, Entry, Kind, Notification, Rendition, State
from contests.reconverting import Outcome, reconvert
from contests.sweeping import Swept
from contests.withdrawing import withdraw
from tests.factories import make_conversion, make_entry, make_ready_entry, store

pytestmark = pytest.mark.django_db


def begin(entry: Entry) -> Claim:
    """Queue a new conversion of the entry and let a worker take it."""
    assert reconvert(entry) == Outcome.QUEUED
    claim = converting.claim(entry.conversions.latest("pk").pk, "w")
    assert claim
    return claim


def finish(claim: Claim) -> str:
    """Publish a new file and return its key."""
    key = storage.new_key(storage.VIDEOS, ".mp4")
    store(key, b"\0new")
    made = {"kind": "mp4", "key": key, "codec": "h264", "width": 64, "height": 36, "size": 4}
    assert converting.finish(claim, [made])
    return key


def test_a_new_conversion_is_queued_and_rung(django_capture_on_commit_callbacks):
    entry = make_ready_entry()
    with django_capture_on_commit_callbacks(execute=True):
        assert reconvert(entry) == Outcome.QUEUED
    latest = entry.conversions.latest("pk")
    assert [m.body for m in queue.receive(5, 60)] == [{"conversion": latest.pk}]
    assert (latest.state, entry.conversions.count()) == (State.QUEUED, 2)


def test_twice_is_once():
    entry = make_ready_entry()
    assert [reconvert(entry), reconvert(entry)] == [Outcome.QUEUED, Outcome.ON_ITS_WAY]
    assert entry.conversions.count() == 2


def test_a_dry_run_changes_nothing():
    entry = make_ready_entry()
    assert reconvert(entry, dry_run=True) == Outcome.QUEUED
    assert entry.conversions.count() == 1


def test_without_its_original_nothing_can_be_done():
    entry = make_ready_entry()
    storage.delete(entry.upload.key)
    assert reconvert(entry) == Outcome.NO_SOURCE
    assert entry.conversions.count() == 1


def test_what_is_withdrawn_while_its_original_is_looked_for_stays_so(monkeypatch):
    entry = make_ready_entry()

    def withdraw_meanwhile(key: str) -> int:
        withdraw(entry, timezone.now())
        return 1

    monkeypatch.setattr(storage, "size", withdraw_meanwhile)
    assert reconvert(entry) == Outcome.WITHDRAWN
    assert entry.conversions.count() == 1


def test_the_old_is_public_until_the_new_takes_its_place():
    entry = make_ready_entry()
    old = entry.published
    claim = begin(entry)
    entry.refresh_from_db()
    assert Conversion.of(entry) == old == entry.published
    assert overview.of([entry.contest])[entry.contest_id].states == {State.SUCCEEDED: 1}
    finish(claim)
    entry.refresh_from_db()
    old.refresh_from_db()
    assert Conversion.of(entry).pk == entry.published_id == claim.id
    assert old.superseded_at is not None
    assert entry.published.superseded_at is None


def test_the_old_files_have_a_day_of_grace():
    entry = make_ready_entry()
    old = list(entry.published.renditions.values_list("key", flat=True))
    new = finish(begin(entry))
    assert sweeping.sweep() == Swept()
    assert all(storage_folder.path_of(key).exists() for key in old)
    passed = Now() - reconverting.GRACE - timedelta(seconds=1)
    Conversion.objects.exclude(superseded_at=None).update(superseded_at=passed)
    assert sweeping.sweep() == Swept(files=2)
    assert not any(storage_folder.path_of(key).exists() for key in old)
    assert [each.key for each in Rendition.objects.all()] == [new]
    assert storage_folder.path_of(new).exists()
    assert entry.conversions.count() == 2  # what happened stays known
    assert sweeping.sweep() == Swept()


def test_nobody_is_told_of_a_new_version():
    finish(begin(make_ready_entry()))
    assert Notification.objects.count() == 0


@pytest.mark.parametrize("end", ["refused", "dead"])
def test_when_it_goes_wrong_the_old_stays_and_only_ops_hear_of_it(end):
    entry = make_ready_entry()
    old = entry.published
    claim = begin(entry)
    if end == "refused":
        assert converting.refuse(claim, "damaged")
    else:
        Conversion.objects.filter(pk=claim.id).update(failures=converting.MAX_FAILURES - 1)
        assert converting.fail(claim, "disk full") == math.inf
    entry.refresh_from_db()
    old.refresh_from_db()
    assert (entry.published, old.superseded_at) == (old, None)
    seen: Any = overview.with_state(Entry.objects.all())
    assert list(seen.values_list("state", "reason")) == [(State.SUCCEEDED, "")]
    assert Notification.objects.count() == 0


def test_what_was_refused_and_now_works_is_news():
    entry = make_entry()
    assert converting.refuse(converting.claim(entry.conversions.get().pk, "w"), "damaged")
    assert converting.refuse(begin(entry), "damaged")  # nobody wants to read that twice
    assert [each.kind for each in Notification.objects.all()] == [Kind.FAILED]
    finish(begin(entry))
    assert [each.kind for each in Notification.objects.order_by("pk")] == [Kind.FAILED, Kind.READY]


def test_each_new_version_supersedes_the_one_before():
    entry = make_ready_entry()
    make_conversion(entry, State.FAILED)
    finish(begin(entry))
    finish(begin(entry))
    entry.refresh_from_db()
    done = entry.conversions.filter(state=State.SUCCEEDED).order_by("pk")
    assert [each.superseded_at is None for each in done] == [False, False, True]
    assert entry.conversions.get(state=State.FAILED).superseded_at is None
