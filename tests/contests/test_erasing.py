"""Erasing what tells of people, above all while others are at it."""

import pytest
from django.utils import timezone

from contests import converting, results, sweeping, voting
from contests.erasing import erase_entry
from contests.models import (
    Acceptance,
    Entry,
    Event,
    Notification,
    Rendition,
    State,
)
from contests.withdrawing import withdraw
from tests.factories import (
    make_contest,
    make_entry,
    make_ready_entry,
    make_voter,
)
from tests.personal import SECRET, everything, make_full_entry, over
from tests.racing import at_once

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def files(folder) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def test_nothing_that_the_author_gave_us_is_left(settings):
    contest = make_contest()
    other, entry = make_full_entry(contest), make_full_entry(contest)
    assert files(settings.MEDIA_ROOT) == 6
    erase_entry(other, NOW)
    erase_entry(entry, NOW)
    assert SECRET.lower() not in everything().lower()
    assert (files(settings.MEDIA_ROOT), Rendition.objects.count()) == (0, 0)
    assert Acceptance.objects.count() == 2  # which tells of nobody any more


def test_before_the_result_stands_it_leaves_the_contest():
    contest = make_contest()
    entry, voter = make_ready_entry(contest), make_voter(contest)
    voting.vote(voter, entry, 1, NOW)
    erase_entry(entry, NOW)
    entry.refresh_from_db()
    assert (entry.withdrawn_at is None, entry.is_erased) == (False, True)
    assert list(results.ranking(contest)) == []


def test_afterwards_its_place_stays_and_the_result_can_be_recounted():
    contest = make_contest()
    first, second = make_ready_entry(contest), make_ready_entry(contest)
    voting.vote(make_voter(contest), first, 1, NOW)
    rejected = make_ready_entry(contest, moderation="rejected")
    over(contest)
    before = [(each.pk, each.score) for each in results.ranking(contest)]
    for each in (first, rejected):
        erase_entry(Entry.objects.get(pk=each.pk), timezone.now())
    assert [(each.pk, each.score) for each in results.ranking(contest)] == before
    assert before == [(first.pk, 1), (second.pk, 0)]
    assert list(contest.entries.public()) == [second]


def test_twice_is_once_and_the_trail_tells_of_it_once():
    entry = make_ready_entry()
    erase_entry(entry, NOW)
    erased_at = Entry.objects.get().erased_at
    erase_entry(entry, NOW)
    assert Entry.objects.get().erased_at == erased_at
    assert [e.action for e in Event.objects.all()] == ["entry_erased"]


def test_a_withdrawn_one_can_be_erased_too():
    entry = make_full_entry(make_contest())
    withdraw(entry, NOW)
    erase_entry(entry, NOW)
    assert SECRET.lower() not in everything().lower()


@pytest.mark.parametrize("state", State)
def test_nothing_brings_it_back(state):
    contest = make_contest()
    entry = make_entry(contest, state=state)
    over(contest)
    erase_entry(Entry.objects.get(), timezone.now())
    assert converting.redrive(entry.conversions.all()) == 0
    assert not converting.waiting().exists()
    assert contest.erasure_due is None
    sweeping.sweep()
    assert Entry.objects.get().published_id is None


def test_a_worker_that_is_at_it_publishes_nothing():
    entry = make_entry()
    claim = converting.claim(entry.conversions.get().pk, "w")
    erase_entry(entry, NOW)
    assert (converting.holds(claim), converting.heartbeat(claim)) == (False, False)
    assert not converting.finish(claim, [])
    assert not converting.refuse(claim, "no_video")
    assert Notification.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_erased_while_it_is_finished_nothing_is_left(settings):
    contest = make_contest()
    entry = make_entry(contest, state=State.QUEUED)
    claim = converting.claim(entry.conversions.get().pk, "w")
    over(contest)
    entry = Entry.objects.get()
    at_once(lambda: erase_entry(entry, timezone.now()), lambda: converting.finish(claim, []))
    entry.refresh_from_db()
    assert (entry.is_erased, entry.email, Notification.objects.count()) == (True, "", 0)
    assert not converting.waiting().exists()
