"""What the log must not tell."""

import logging
import re

# The part of an address after one of these opens a private page or a running upload.
_PRIVATE = re.compile(
    r"/(participar|uploads/parts|uploads|votar/confirmar|cuenta/confirm-email"
    r"|cuenta/password/reset/key)/[^/\s]+"
)


class HideTokens(logging.Filter):
    """Takes the secret out of private addresses; Django logs that of every refused request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the message; every record passes."""
        record.msg, record.args = _PRIVATE.sub(r"/\1/…", record.getMessage()), ()
        return True
