"""Withdrawing an entry, above all while others are at it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from backends import queue, storage, storage_folder
from contests import converting, notifying, reconverting, results, sweeping, voting
from contests.models import Choice, Conversion, Entry, Kind, Notification, Rendition, State
from contests.overview import Overview
from contests.overview import of as overview_of
from contests.reasons import Refused
from contests.reconverting import Outcome
from contests.withdrawing import withdraw
from tests.factories import (
    make_contest,
    make_conversion,
    make_entry,
    make_ready_entry,
    make_voter,
    store,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def rendition() -> dict[str, Any]:
    """What a worker has stored and asks to publish."""
    key = storage.new_key(storage.VIDEOS, ".mp4")
    store(key, b"\0mp4")
    return {"kind": "mp4", "key": key, "codec": "h264", "width": 64, "height": 36, "size": 4}


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def facts(entry: Entry) -> tuple[bool, int | None, list[str]]:
    """Whether it is withdrawn, what is public of it, and its conversions' states."""
    entry.refresh_from_db()
    states = list(entry.conversions.order_by("pk").values_list("state", flat=True))
    return entry.withdrawn_at is not None, entry.published_id, states


def test_all_files_go_and_other_entries_stay(settings):
    contest = make_contest()
    kept, entry = make_ready_entry(contest), make_ready_entry(contest)
    withdraw(entry, NOW)
    assert facts(entry) == (True, None, [State.SUCCEEDED])
    left = {storage_folder.path_of(r.key) for r in Rendition.objects.all()}
    assert {r.conversion.entry for r in Rendition.objects.all()} == {kept}
    assert set(files(settings.MEDIA_ROOT)) == left | {storage_folder.path_of(kept.upload.key)}


def test_twice_is_once():
    entry = make_ready_entry()
    withdraw(entry, NOW)
    first = Entry.objects.get().withdrawn_at
    withdraw(entry, NOW)
    assert Entry.objects.get().withdrawn_at == first


def test_files_that_a_crash_leaves_are_the_sweepers(settings, monkeypatch):
    entry = make_ready_entry()
    monkeypatch.setattr(storage, "delete", lambda *_: None)  # killed just after the commit
    withdraw(entry, NOW)
    assert len(list(files(settings.MEDIA_ROOT))) == 3
    assert sweeping.sweep().files == 3
    assert list(files(settings.MEDIA_ROOT)) == []


def test_once_voting_is_over_the_result_stands():
    entry = make_ready_entry()
    with pytest.raises(Refused) as refused:
        withdraw(entry, entry.contest.voting_close)
    assert refused.value.code == "closed_withdrawal"
    assert facts(entry) == (False, entry.published_id, [State.SUCCEEDED])
    assert storage_folder.path_of(entry.upload.key).exists()


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING])
def test_an_unfinished_conversion_is_cancelled(state):
    entry = make_entry(state=state)
    withdraw(entry, NOW)
    conversion = Conversion.objects.get()
    assert (conversion.state, conversion.lease_until) == (State.CANCELLED, None)
    assert conversion.finished_at is not None
    assert converting.claim(conversion.pk, "w") is None


@pytest.mark.parametrize("state", State)
def test_nothing_brings_it_back(state):
    entry = make_entry(state=state)
    withdraw(entry, NOW)
    before = facts(entry)
    assert converting.redrive(Conversion.objects.all()) == 0
    assert reconverting.reconvert(Entry.objects.get()) == Outcome.WITHDRAWN
    sweeping.sweep()
    assert facts(entry) == before
    assert not converting.waiting().exists()


def test_unsent_mail_about_it_does_not_go_out_any_more(settings):
    contest = make_contest()
    entry, other = make_ready_entry(contest), make_ready_entry(contest)
    for each in (entry, other):
        for kind in (Kind.READY, Kind.FAILED, Kind.RECEIVED):
            notifying.notify(kind, f"{kind}:{each.pk}", entry=each, language="en")
    withdraw(entry, NOW)
    assert {each.entry for each in Notification.objects.all()} == {other}


def test_votes_for_it_do_not_count_and_none_is_added_from_a_page_loaded_before():
    contest = make_contest()
    entry, kept = make_ready_entry(contest), make_ready_entry(contest)
    voter = make_voter(contest)
    voting.vote(voter, kept, 1, NOW)
    voting.vote(voter, entry, 1, NOW)
    withdraw(Entry.objects.get(pk=entry.pk), NOW)
    assert Choice.objects.count() == 2
    states = {State.CANCELLED: 1, State.SUCCEEDED: 1}
    assert overview_of([contest]) == {contest.pk: Overview(states, votes=1)}
    assert list(results.ranking(contest)) == [kept]
    with pytest.raises(Refused):
        voting.vote(voter, entry, -1, NOW)


class TestWhileAWorkerIsAtIt:
    """Both orders of each pair; what the worker has stored it deletes itself when told False."""

    def test_finished_before(self, settings):
        entry = make_entry()
        claim = converting.claim(entry.conversions.get().pk, "w")
        assert converting.finish(claim, [rendition()])
        withdraw(entry, NOW)
        assert facts(entry) == (True, None, [State.SUCCEEDED])
        assert (Rendition.objects.count(), files(settings.MEDIA_ROOT)) == (0, [])

    def test_finished_after(self):
        entry = make_entry()
        claim = converting.claim(entry.conversions.get().pk, "w")
        withdraw(entry, NOW)
        assert not converting.holds(claim)
        assert not converting.heartbeat(claim)
        assert not converting.finish(claim, [rendition()])
        assert not converting.refuse(claim, "no_video")
        assert not converting.release(claim)
        assert converting.fail(claim, "its source is gone") is None
        assert facts(entry) == (True, None, [State.CANCELLED])
        assert Rendition.objects.count() == Notification.objects.count() == 0

    def test_its_lease_ran_out_at_the_same_time(self):
        entry = make_entry(state=State.RUNNING)
        Conversion.objects.update(lease_until=NOW - timedelta(seconds=1))
        withdraw(entry, NOW)
        assert sweeping.sweep() == sweeping.Swept()
        assert facts(entry) == (True, None, [State.CANCELLED])

    def test_a_message_rung_too_late_finds_nothing(self):
        entry = make_entry()
        conversion = entry.conversions.get()
        withdraw(entry, NOW)
        converting.ring(conversion.pk)  # as a sweep does that read the row just before
        [message] = queue.receive(1, 60)
        assert converting.claim(message.body["conversion"], "w") is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", range(4))
def test_at_the_very_same_moment_nothing_withdrawn_is_public(settings, first):
    """Threads of their own, as processes have connections of their own."""
    entry = make_ready_entry()
    dead = make_conversion(entry, State.DEAD)
    running = make_conversion(entry, State.QUEUED)
    claim = converting.claim(running.pk, "w")
    made = rendition()
    start = threading.Barrier(4)

    def at_once(act):
        start.wait()
        try:
            return act()
        finally:
            connection.close()

    def finish():
        published = converting.finish(claim, [made])
        if not published:
            storage.delete(made["key"])  # as the worker does

    def redrive():
        return converting.redrive(Conversion.objects.filter(pk=dead.pk))

    acts = [lambda: withdraw(entry, NOW), finish, lambda: reconverting.reconvert(entry), redrive]
    with ThreadPoolExecutor(4) as pool:
        for job in [pool.submit(at_once, act) for act in acts[first:] + acts[:first]]:
            job.result()
    withdrawn, public, states = facts(entry)
    assert (withdrawn, public) == (True, None)
    assert not {State.QUEUED, State.RUNNING} & set(states)
    assert (Rendition.objects.count(), files(settings.MEDIA_ROOT)) == (0, [])
