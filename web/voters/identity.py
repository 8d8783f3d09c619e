"""Who is voting: a logged-in person, or a browser in which somebody confirmed an e-mail."""

from django.http import HttpRequest

from accounts.models import User
from contests import voting
from contests.models import Contest, Voter

_KEY = "voters"  # in the session: {contest id: voter id}


def voter(request: HttpRequest, contest: Contest) -> Voter | None:
    """Return who votes in this contest from this browser; a logged-in person goes first.

    One who has never voted may be unsaved, see `voting.voter_of`.
    """
    if isinstance(request.user, User) and (mine := voting.voter_of(contest, request.user)):
        return mine
    return _remembered(request, contest)


def known_voter(request: HttpRequest, contest: Contest) -> Voter | None:
    """Return the same if they have voted here before, which is all that a page to read needs."""
    if isinstance(request.user, User) and (mine := voting.known_voter(contest, request.user)):
        return mine
    return _remembered(request, contest)


def _remembered(request: HttpRequest, contest: Contest) -> Voter | None:
    pk = request.session.get(_KEY, {}).get(str(contest.pk))
    if pk is None:
        return None
    return contest.voters.select_related("deck").filter(pk=pk).first()


def remember(request: HttpRequest, voter: Voter) -> None:
    """Let this browser vote as this voter, who has just proved their address."""
    # A new key, so that nobody who planted the old one in this browser votes along.
    request.session.cycle_key()
    request.session[_KEY] = request.session.get(_KEY, {}) | {str(voter.contest_id): voter.pk}


def forget(request: HttpRequest, contest: Contest) -> None:
    """Undo `remember`: the next person at this browser is somebody else."""
    voters = dict(request.session.get(_KEY, {}))
    if voters.pop(str(contest.pk), None):
        request.session[_KEY] = voters
