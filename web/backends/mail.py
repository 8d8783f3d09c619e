"""Mail on one machine: every message becomes an `.eml` file that any mail program opens.

And what the errors of all mail backends mean.
"""

import email
import time
import uuid
from collections.abc import Collection, Sequence
from smtplib import SMTPException, SMTPServerDisconnected

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class EmlBackend(BaseEmailBackend):
    """Writes each message to `settings.MAIL_ROOT`, whole or not at all.

    Django's own file backend appends all messages of a connection to one log, which a mail program
    can't open and a reader can see half-written.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the messages and return how many."""
        settings.MAIL_ROOT.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            # The name sorts by time; the address is private and stays out of it.
            name = f"{time.time_ns()}-{uuid.uuid4().hex[:8]}"
            partial = settings.MAIL_ROOT / f".{name}"
            partial.write_bytes(message.message().as_bytes(linesep="\r\n"))
            partial.rename(settings.MAIL_ROOT / f"{name}.eml")
        return len(email_messages)


def is_refusal(error: Exception) -> bool:
    """Say whether a mail was surely not sent when sending it raised this, by whatever backend.

    It may have been where the server fell silent or ended the connection before it answered.
    """
    if isinstance(error, SMTPException):
        return not isinstance(error, SMTPServerDisconnected)
    return bool(getattr(error, "refused", isinstance(error, ConnectionRefusedError)))


def remove(addresses: Collection[str]) -> None:
    """Delete the messages written so far to any of these addresses."""
    for path in settings.MAIL_ROOT.glob("*.eml"):
        if str(email.message_from_bytes(path.read_bytes())["To"]) in addresses:
            path.unlink(missing_ok=True)
