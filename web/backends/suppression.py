"""Addresses that get no mail any more: SES said that they do not exist, or their owner complained.

Who goes on sending to them loses SES's trust, and then the service's mail reaches nobody.
"""

import json
from email.utils import parseaddr

from django.utils.crypto import salted_hmac

from backends.models import Suppressed


def suppress(*addresses: str) -> None:
    """Send no more mail to these addresses; international domains in their ASCII form."""
    rows = [Suppressed(digest=_digest(each)) for each in addresses]
    Suppressed.objects.bulk_create(rows, ignore_conflicts=True)


def is_suppressed(address: str) -> bool:
    """Return whether an address (in ASCII form, without a name) gets no mail."""
    return Suppressed.objects.filter(digest=_digest(address)).exists()


def forgive(address: str) -> bool:
    """Let an address have mail again; False when it was not suppressed."""
    return bool(Suppressed.objects.filter(digest=_digest(address)).delete()[0])


def undeliverable(text: str) -> list[str]:
    """Return whom one of SES's events (JSON) says to leave alone: mostly, nobody.

    docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
    """
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        return []  # such as the word that SES's first message to a topic is
    match event:
        case {"bounce": {"bounceType": "Permanent", "bouncedRecipients": [*people]}}:
            pass
        case {"complaint": {"complaintFeedbackType": "not-spam"}}:
            people = []  # the opposite of a complaint: it was taken out of the spam
        case {"complaint": {"complainedRecipients": [*people]}}:
            pass
        case _:
            people = []
    given = (person.get("emailAddress") for person in people if isinstance(person, dict))
    plain = (parseaddr(text)[1] for text in given if isinstance(text, str))
    return [address for address in plain if "@" in address]


def _digest(address: str) -> str:
    """What stands for an address in the table: who reads it learns none."""
    keyed = salted_hmac("backends.suppression", address.strip().lower(), algorithm="sha256")
    return keyed.hexdigest()
