"""Who votes, and what they chose."""

import uuid
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from backends.transactions import retried
from contests import erasing, notifying
from contests.models import Ballot, Choice, Contest, Entry, Kind, Voter
from contests.reasons import Refused


def known_voter(contest: Contest, user: User) -> Voter | None:
    """Return the voter that a logged-in person has been before, by any of their addresses."""
    mine = EmailAddress.objects.filter(user=user, verified=True).values("email")
    return contest.voters.select_related("deck").filter(email__in=mine).order_by("pk").first()


def voter_of(contest: Contest, user: User) -> Voter | None:
    """Return the voter that a logged-in person is; None without a verified address.

    The same person who once voted by mail is the same voter. One who has never voted is returned
    unsaved: looking at a page writes nothing.
    """
    if known := known_voter(contest, user):
        return known
    address = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary").first()
    return Voter(contest=contest, email=address.email.lower()) if address else None


@retried
def ask_to_confirm(
    contest: Contest,
    email: str,
    language: str,
    now: datetime,
    entry: Entry | None = None,
    choice: int | None = None,
) -> None:
    """Mail the link that proves an address and carries the vote. Raises Refused outside voting."""
    if not contest.accepts_votes(now):
        raise Refused("closed_voting")
    voter, _ = Voter.objects.get_or_create(contest=contest, email=email.strip().lower())
    # One mail a minute and vote: a button pressed twice sends one.
    key = f"confirm:{voter.pk}:{entry and entry.pk}:{choice}:{now:%Y%m%d%H%M}"
    notifying.notify(
        Kind.CONFIRM_VOTE, key, voter=voter, entry=entry, choice=choice, language=language
    )


@retried
def send_data_link(contest: Contest, email: str, language: str) -> None:
    """Mail an address the link to its own data, if it has voted; only its mailbox learns whether.

    Sent by the sweeper, so that the answer takes no longer when there is a mail to send.
    """
    if voter := contest.voters.filter(email=email.strip().lower()).first():
        key, wait = f"voter_data:{uuid.uuid4().hex}", timedelta(seconds=1)
        notifying.notify(Kind.VOTER_DATA, key, voter=voter, language=language, wait=wait)


@retried
def confirm(voter: Voter) -> None:
    """Record that the voter's address is theirs; saves one that `voter_of` made up.

    Raises Refused when the address was erased in this contest, and has voted before.
    """
    saved = voter
    if voter.verified_at is None and voter.email:
        trace = erasing.trace_of(voter.contest, voter.email)
        if voter.contest.voters.filter(trace=trace).exists():
            raise Refused("voter_erased")
    if not voter.pk:
        saved, _ = Voter.objects.get_or_create(contest=voter.contest, email=voter.email)
    if saved.verified_at is None:
        Voter.objects.filter(pk=saved.pk, verified_at=None).update(verified_at=Now())
        saved.verified_at = timezone.now()
    voter.pk, voter.verified_at = saved.pk, saved.verified_at


@retried
def vote(voter: Voter, entry: Entry, choice: int, now: datetime) -> None:
    """Vote for (1) or against (-1) an entry, or take the vote back (0). Raises Refused."""
    contest = voter.contest
    if not contest.accepts_votes(now):
        raise Refused("closed_voting")
    public = Entry.objects.public().filter(pk=entry.pk, contest=contest)
    if not voter.verified_at or not public.exists():
        raise Refused("vote_unknown")
    # The voter's row is the lock: their votes, from whatever window, come one after another.
    if not Voter.objects.known().select_for_update().filter(pk=voter.pk):
        raise Refused("vote_unknown")  # their code was revoked, or they were erased, just now
    ballot, _ = Ballot.objects.get_or_create(voter=voter)
    if choice == 0:
        Choice.objects.filter(ballot=ballot, entry=entry).delete()
    else:
        Choice.objects.update_or_create(
            ballot=ballot, entry=entry, defaults={"value": Choice.Value(choice)}
        )
