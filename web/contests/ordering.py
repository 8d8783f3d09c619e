"""An order that is fair: shuffled for each voter, fixed for that voter, least seen first.

A deck holds the entries in tiers of equal exposure, as they were when it was made; a seed shuffles
each tier. Deck and seed are all that is kept of a voter's order, so it stays as it is while
exposures change. What becomes public later follows at the end, in that order.
"""

import random
import secrets
import zlib
from array import array
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import groupby
from operator import itemgetter

from django.db import OperationalError
from django.db.models import F
from django.db.models.functions import Now

from backends.transactions import retried
from contests.models import Contest, Deck, Entry, Voter

SEEDS = 2**31  # fits into the database's integers
# A deck of 50,000 entries takes 0.3 s to make and stays for ten minutes; a small one is made anew
# for nearly everybody.
_FRESH_PER_ENTRY = timedelta(milliseconds=12)
_FRESH = timedelta(seconds=1)  # at least: a page that is merely read may write one
# Whoever became public about when a deck was made may be in it, and may not.
_MARGIN = timedelta(minutes=1)
# As long as a session lives at most; a voter who comes back later gets a new order.
_KEPT = timedelta(days=14)
_AT_ONCE = 1000  # decks that a sweep deletes


def new_seed() -> int:
    """Return a seed for one voter's order."""
    return secrets.randbelow(SEEDS)


def deck_for(contest: Contest) -> Deck:
    """Return a deck for somebody who comes now: the latest, or a new one when that is old."""
    decks = Deck.objects.filter(contest=contest).annotate(now=Now())
    latest = decks.order_by("-pk").first()
    if latest and latest.now < latest.made_at + max(_FRESH, sum(latest.tiers) * _FRESH_PER_ENTRY):
        return latest
    return _make(contest)


def keep(voter: Voter, deck: Deck, seed: int) -> None:
    """Fix a voter's order for good, on whatever device they come back."""
    Voter.objects.filter(pk=voter.pk, deck=None).update(deck=deck, seed=seed)


@retried
def _make(contest: Contest) -> Deck:
    rows = contest.entries.public().order_by("seen", "pk").values_list("seen", "pk")
    ids, tiers = array("Q"), []
    for _, tier in groupby(rows.iterator(), key=itemgetter(0)):
        before = len(ids)
        ids.extend(pk for _, pk in tier)
        tiers.append(len(ids) - before)
    packed = zlib.compress(ids.tobytes())
    made = Deck.objects.create(contest=contest, made_at=Now(), entries=packed, tiers=tiers)
    return Deck.objects.get(pk=made.pk)  # with the moment that the database wrote


def order(deck: Deck, seed: int) -> list[int]:
    """Return the ids of all entries as one voter sees them; some may not be public any more."""
    ids = array("Q")
    ids.frombytes(zlib.decompress(deck.entries))
    # Nobody gains from guessing it. The numbers stay the same from one Python to the next, which
    # `shuffle` does not promise.
    numbers = random.Random(seed)  # noqa: S311
    shuffled: list[int] = []
    for size in deck.tiers:
        tier = ids[len(shuffled) : len(shuffled) + size]
        keys = [numbers.random() for _ in tier]
        shuffled += [pk for _, pk in sorted(zip(keys, tier, strict=True))]
    return shuffled + _later(deck, ids)


def _later(deck: Deck, ids: Sequence[int]) -> list[int]:
    public = Entry.objects.public().filter(contest=deck.contest_id)
    later = public.filter(public_at__gte=deck.made_at - _MARGIN).order_by("public_at", "pk")
    known = set(ids)
    return [pk for pk in later.values_list("pk", flat=True) if pk not in known]


def count_seen(entries: Iterable[int]) -> None:
    """Count that somebody was shown these entries, by id. A busy database does without it."""
    try:
        Entry.objects.filter(pk__in=list(entries)).update(seen=F("seen") + 1)
    except OperationalError:
        return


def forget_old_decks() -> int:
    """Delete some of the decks that nobody can hold any more; return how many."""
    old = Deck.objects.filter(made_at__lt=Now() - _KEPT)
    gone = old.exclude(voters__contest__voting_close__gt=Now()).values_list("pk", flat=True)
    # Without reading what lies in them: together they may be larger than the memory.
    return Deck.objects.filter(pk__in=list(gone[:_AT_ONCE])).only("pk").delete()[0]
