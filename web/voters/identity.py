"""Who is voting: a logged-in person, or a browser in which somebody proved an e-mail or a code."""

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from contests import redeeming, voting
from contests.models import Contest, Voter

_KEY = "voters"  # in the session: {contest id: voter id}


def voter(request: HttpRequest, contest: Contest) -> Voter | None:
    """Return who votes in this contest from this browser; a logged-in person goes first.

    But for a code, which somebody has typed here on purpose: in a class, at the teacher's computer.
    One who has never voted may be unsaved, see `voting.voter_of`.
    """
    remembered = _remembered(request, contest)
    if remembered and remembered.code:
        return remembered
    if isinstance(request.user, User) and (mine := voting.voter_of(contest, request.user)):
        return mine
    return remembered


def known_voter(request: HttpRequest, contest: Contest) -> Voter | None:
    """Return the same if they have voted here before, which is all that a page to read needs."""
    remembered = _remembered(request, contest)
    if remembered and remembered.code:
        return remembered
    if isinstance(request.user, User) and (mine := voting.known_voter(contest, request.user)):
        return mine
    return remembered


def _remembered(request: HttpRequest, contest: Contest) -> Voter | None:
    pk = request.session.get(_KEY, {}).get(str(contest.pk))
    if pk is None:
        return None
    known = Voter.objects.known().select_related("deck", "code")
    voter = known.filter(contest=contest, pk=pk).first()
    if voter and voter.code and not redeeming.is_alive(voter.code, timezone.now()):
        return None
    return voter


def remember(request: HttpRequest, voter: Voter) -> None:
    """Let this browser vote as this voter, who has just proved their address or code."""
    # A new key, so that nobody who planted the old one in this browser votes along.
    request.session.cycle_key()
    request.session[_KEY] = request.session.get(_KEY, {}) | {str(voter.contest_id): voter.pk}


def forget(request: HttpRequest, contest: Contest) -> None:
    """Undo `remember`: the next person at this browser is somebody else."""
    voters = dict(request.session.get(_KEY, {}))
    if voters.pop(str(contest.pk), None):
        request.session[_KEY] = voters


def proof(request: HttpRequest, voter: Voter | None) -> str:
    """Say what `remember` was told of: "code", "mail", or "" of whoever it has not seen."""
    if voter is None:
        return ""
    if voter.code_id:
        return "code"
    return "" if request.user.is_authenticated else "mail"
