"""The links that prove a voter's address is theirs: to cast a vote, or to see their own data.

One names the voter by number, signed; no address stands in it. Opening one changes nothing, because
mail scanners open links: the page it leads to confirms by POST.
"""

from dataclasses import dataclass

from django.core import signing
from django.urls import reverse

from contests.models import Entry, Kind, Notification, Voter

LINK_SECONDS = 3 * 24 * 3600
DATA_LINK_SECONDS = 24 * 3600
_SALT, _DATA_SALT = "confirm-vote", "voter-data"


class LinkExpired(Exception):
    """The link was ours, but it is too old."""


@dataclass(frozen=True)
class Confirmation:
    """What a followed link asks for: this voter, and perhaps a vote (1 or -1) for an entry."""

    voter: Voter
    entry: Entry | None
    choice: int | None


def link(notification: Notification) -> str:
    """Return the path that a mail to a voter leads to."""
    if notification.kind == Kind.VOTER_DATA:
        token = signing.dumps(notification.voter_id, salt=_DATA_SALT)
        return reverse("voters:data_link", args=[token])
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


def read_data_link(token: str) -> Voter | None:
    """Return the voter whose data a link leads to; None when it is forged, or they are erased.

    Raises LinkExpired after DATA_LINK_SECONDS.
    """
    try:
        voter_id = signing.loads(token, salt=_DATA_SALT, max_age=DATA_LINK_SECONDS)
    except signing.SignatureExpired as error:
        raise LinkExpired from error
    except signing.BadSignature:
        return None
    return Voter.objects.known().select_related("contest").filter(pk=voter_id).first()
