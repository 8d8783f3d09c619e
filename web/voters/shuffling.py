"""In which order a visitor sees a contest's videos: their own, and always the same.

A voter's is kept with the voter, that of a browser with a session in the session. Who only reads
has neither, so that reading sets no cookie: there the page's links carry it.
"""

import re
from dataclasses import dataclass

from django.http import HttpRequest

from contests import ordering
from contests.models import Contest, Deck, Voter

_KEY = "orders"  # in the session: {contest id: [deck id, seed]}
_CARRIED = re.compile(r"([0-9]{1,18})-([0-9]{1,10})")


@dataclass(frozen=True)
class Order:
    """The ids of a contest's videos as one visitor sees them; `carried` goes into the links."""

    ids: list[int]
    carried: str | None = None


def order(request: HttpRequest, contest: Contest, voter: Voter | None) -> Order:
    """Return this visitor's order, made now if there is none; see ordering.order."""
    if voter and voter.deck:
        return Order(ordering.order(voter.deck, voter.seed))
    orders = request.session.get(_KEY, {})
    deck_id, seed = orders.get(str(contest.pk)) or _carried(request) or (0, ordering.new_seed())
    deck = Deck.objects.filter(pk=deck_id, contest=contest).first() if deck_id else None
    deck = deck or ordering.deck_for(contest)
    ids = ordering.order(deck, seed)
    if voter and voter.pk:
        ordering.keep(voter, deck, seed)
    elif not request.session.session_key:
        return Order(ids, f"{deck.pk}-{seed}")
    elif deck.pk != deck_id or str(contest.pk) not in orders:
        request.session[_KEY] = orders | {str(contest.pk): [deck.pk, seed]}
    return Order(ids)


def remember(request: HttpRequest, contest: Contest) -> None:
    """Keep in the session the order that a reader, who votes now, has come with."""
    orders = request.session.get(_KEY, {})
    if (found := _carried(request)) and str(contest.pk) not in orders:
        request.session[_KEY] = orders | {str(contest.pk): found}


def forget(request: HttpRequest, contest: Contest) -> None:
    """Let the next person at this browser have an order of their own."""
    orders = dict(request.session.get(_KEY, {}))
    if orders.pop(str(contest.pk), None):
        request.session[_KEY] = orders


def _carried(request: HttpRequest) -> tuple[int, int] | None:
    found = _CARRIED.fullmatch(request.GET.get("orden") or request.POST.get("orden", ""))
    return (int(found[1]), int(found[2]) % ordering.SEEDS) if found else None
