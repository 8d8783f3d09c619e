"""Finding, for support, what the site knows of an e-mail address."""

from dataclasses import dataclass

from accounts.models import User
from contests.models import Entry, Voter

_MOST = 50  # of each kind: somebody looks through them


@dataclass(frozen=True)
class Person:
    """An account (none, for most), entries and voters, the latest first."""

    user: User | None
    entries: list[Entry]
    voters: list[Voter]


def person(email: str) -> Person:
    """Return all that goes by an address, in whatever case it was typed."""
    mine = {"email__iexact": email}
    entries = Entry.objects.filter(**mine).select_related("contest")
    voters = Voter.objects.filter(**mine).select_related("contest")
    return Person(
        user=User.objects.filter(emailaddress__email__iexact=email).first(),
        entries=list(entries.order_by("-pk")[:_MOST]),
        voters=list(voters.order_by("-pk")[:_MOST]),
    )
