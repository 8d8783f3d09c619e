"""All entries of one address, for whoever reads its mail.

The mailed link names one of the entries, signed, and no address. Whether an address has any entries
is told to nobody but its mailbox.
"""

from django.core import signing
from django.urls import reverse

from contests.models import Entry

LINK_SECONDS = 24 * 3600
_SALT = "my-entries"


class LinkExpired(Exception):
    """The link was ours, but it is too old."""


def same(address: str, other: str) -> bool:
    """Say whether two addresses are one; databases find é where e was asked for, which is not."""
    return address.lower() == other.lower()


def entries_of(email: str) -> list[Entry]:
    """Return an address's entries in all contests, withdrawn ones too, the latest first."""
    found = Entry.objects.filter(email__iexact=email).select_related("contest", "published")
    return [each for each in found.order_by("-pk") if email and same(each.email, email)]


def link(entry: Entry) -> str:
    """Return the path that a mail leads to."""
    return reverse("participants:mine_list", args=[signing.dumps(entry.pk, salt=_SALT)])


def read(token: str) -> list[Entry] | None:
    """Return the entries a link's token opens; None when it is forged, or its entry is gone.

    Raises LinkExpired after LINK_SECONDS.
    """
    try:
        pk = signing.loads(token, salt=_SALT, max_age=LINK_SECONDS)
    except signing.SignatureExpired as error:
        raise LinkExpired from error
    except signing.BadSignature:
        return None
    entry = Entry.objects.filter(pk=pk).first()
    return entries_of(entry.email) or None if entry else None
