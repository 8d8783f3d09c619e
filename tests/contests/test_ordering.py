"""The order of entries: least seen first, shuffled by a seed."""

import zlib
from array import array
from datetime import timedelta
from statistics import mean

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from contests import ordering
from contests.models import Deck, Entry, Moderation
from contests.ordering import count_seen, deck_for, order
from tests.factories import make_contest, make_entry, make_ready_entry, make_voter


def deck(*tiers: int) -> Deck:
    """A deck, not saved, of entries 1, 2, 3… in tiers of these sizes."""
    ids = array("Q", range(1, sum(tiers) + 1))
    packed = zlib.compress(ids.tobytes())
    return Deck(entries=packed, tiers=list(tiers), made_at=timezone.now(), contest_id=0)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing became public after the deck was made: asked without a database."""
    monkeypatch.setattr(ordering, "_later", lambda deck, ids: [])


@pytest.mark.usefixtures("later")
class TestShuffling:
    @given(st.lists(st.integers(1, 60), max_size=5), st.integers(0, ordering.SEEDS - 1))
    @settings(max_examples=50)
    def test_every_entry_is_there_once_and_tiers_stay_apart(self, tiers, seed):
        ids = order(deck(*tiers), seed)
        assert ids == order(deck(*tiers), seed)
        begin = 0
        for size in tiers:
            within = ids[begin : begin + size]
            assert sorted(within) == list(range(begin + 1, begin + size + 1))
            begin += size

    def test_over_many_voters_each_stands_in_the_middle(self):
        orders = [order(deck(20), seed) for seed in range(2000)]
        places = [mean(each.index(pk) for each in orders) for pk in range(1, 21)]
        # The mean of 2000 places of 0 to 19 strays by 0.13 (one standard deviation).
        assert [place for place in places if not 9 < place < 10] == []

    def test_the_same_on_every_machine_and_python(self):
        assert order(deck(6, 3), 2026) == [5, 1, 6, 2, 3, 4, 8, 7, 9]


@pytest.mark.django_db
class TestDecks:
    def test_what_was_seen_least_comes_first(self):
        contest = make_contest()
        often, never, once = (make_ready_entry(contest).pk for _ in range(3))
        count_seen([often, once])
        count_seen([often])
        assert order(deck_for(contest), 1) == [never, once, often]

    def test_only_what_is_public_lies_in_it(self):
        contest = make_contest()
        public = make_ready_entry(contest)
        make_entry(contest)
        make_ready_entry(contest, moderation=Moderation.PENDING)
        make_ready_entry()
        assert order(deck_for(contest), 1) == [public.pk]

    def test_what_becomes_public_later_comes_last_in_that_order(self):
        contest = make_contest()
        pending = make_ready_entry(contest, moderation=Moderation.PENDING)
        first = make_ready_entry(contest)
        held = deck_for(contest)
        second = make_ready_entry(contest)
        changes = {"moderation": Moderation.APPROVED, "public_at": timezone.now()}
        Entry.objects.filter(pk=pending.pk).update(**changes)
        assert order(held, 1) == [first.pk, second.pk, pending.pk]

    def test_those_who_come_together_share_one(self):
        contest = make_contest()
        for _ in range(3):
            make_ready_entry(contest)
        held = deck_for(contest)
        Deck.objects.update(made_at=timezone.now() + timedelta(seconds=60))
        assert deck_for(contest) == held
        Deck.objects.update(made_at=timezone.now() - timedelta(seconds=2))
        assert deck_for(contest) != held

    def test_an_empty_contest_has_an_empty_order(self):
        assert order(deck_for(make_contest()), 1) == []

    def test_a_voter_keeps_the_first_order_for_good(self):
        voter = make_voter()
        first, second = deck_for(voter.contest), deck_for(make_contest())
        ordering.keep(voter, first, 1)
        ordering.keep(voter, second, 2)
        voter.refresh_from_db()
        assert (voter.deck, voter.seed) == (first, 1)

    def test_old_decks_go_but_for_those_of_voters_who_may_come_back(self, monkeypatch):
        old = timezone.now() - timedelta(days=15)
        over = make_contest(voting_close=timezone.now() - timedelta(hours=1))
        running = make_contest()
        for contest in (running, over):
            ordering.keep(make_voter(contest), deck_for(contest), 1)
        for made_at in (timezone.now(), old):
            Deck.objects.create(contest=over, made_at=made_at, entries=b"", tiers=[])
        Deck.objects.filter(voters__isnull=False).update(made_at=old)
        monkeypatch.setattr(ordering, "_AT_ONCE", 1)
        with CaptureQueriesContext(connection) as asked:
            assert [ordering.forget_old_decks() for _ in range(3)] == [1, 1, 0]
        # Thousands of large ones may go at once: what lies in them is nothing to read.
        assert [query for query in asked.captured_queries if "tiers" in query["sql"]] == []
        left = Deck.objects.order_by("pk").values_list("contest", flat=True)
        assert list(left) == [running.pk, over.pk]

    def test_a_crowd_at_an_empty_contest_makes_one(self):
        contest = make_contest()
        assert len({deck_for(contest).pk for _ in range(5)}) == 1
