"""Mailing somebody the link to all their entries (see mine.py)."""

import uuid
from datetime import timedelta

from backends.transactions import retried
from contests import mine, notifying
from contests.models import Kind

# Sent by the sweeper, so that the answer takes no longer when there is a mail to send.
_WAIT = timedelta(seconds=1)


@retried
def send_link(email: str, language: str) -> None:
    """Mail an address the link to its entries, if it has any."""
    if entries := mine.entries_of(email):
        key = f"mine:{uuid.uuid4().hex}"
        notifying.notify(Kind.MINE, key, language=language, entry=entries[0], wait=_WAIT)
