"""The link that proves a voter's address is theirs.

It names the voter by number, signed; no address stands in it. Opening it changes nothing, because
mail scanners open links: the page it leads to confirms by POST.
"""

from dataclasses import dataclass

from django.core import signing
from django.urls import reverse

from contests.models import Entry, Notification, Voter

LINK_SECONDS = 3 * 24 * 3600
_SALT = "confirm-vote"


class LinkExpired(Exception):
    """The link was ours, but it is too old."""


@dataclass(frozen=True)
class Confirmation:
    """What a followed link asks for: this voter, and perhaps a vote (1 or -1) for an entry."""

    voter: Voter
    entry: Entry | None
    choice: int | None


def link(notification: Notification) -> str:
    """Return the path that a confirmation mail leads to."""
    fields = [notification.voter_id, notification.entry_id, notification.choice]
    return reverse("voters:confirm", args=[signing.dumps(fields, salt=_SALT)])


def read(token: str) -> Confirmation | None:
    """Return what a link's token asks for; None when it is forged or the voter is gone.

    Raises LinkExpired after LINK_SECONDS. Without an entry it asked for none, or for one that is
    not in the contest any more.
    """
    try:
        voter_id, entry_id, choice = signing.loads(token, salt=_SALT, max_age=LINK_SECONDS)
    except signing.SignatureExpired as error:
        raise LinkExpired from error
    except signing.BadSignature:
        return None
    voter = Voter.objects.select_related("contest").filter(pk=voter_id).first()
    if voter is None or voter.email is None:  # gone, or erased
        return None
    entry = voter.contest.entries.public().filter(pk=entry_id).first() if entry_id else None
    return Confirmation(voter, entry, choice if entry else None)
