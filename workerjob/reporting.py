"""Telling the database how far a conversion is, and when it will be ready."""

import logging
import math
import time

from django.db import DatabaseError, connection

from contests import converting, progress
from workerjob.lease import Lease

logger = logging.getLogger(__name__)

_ENCODING = 0.95  # of the time and the percentage; the rest is for verifying and storing
_PAUSE = 1.0  # seconds between two updates of the row


class Reporter:
    """Hears from one conversion and updates its row, at most once a second; made when it begins.

    An update that changes nothing means that the lease is lost: the conversion is stopped.
    """

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._began = time.monotonic()
        self._encoding = self._began
        self._megapixels = 0.0
        self._expected: float | None = None
        self._percent = 0
        self._last = -math.inf

    def planned(self, megapixels: float) -> None:
        """Note how much work is about to begin, and how long such work took lately."""
        try:
            speed = progress.seconds_per_megapixel()
        except DatabaseError:  # it comes back, or the lease ends the conversion
            logger.exception("conversion %s: the database is away", self._lease.claim.id)
            speed = None
        finally:
            connection.close()
        self._expected = None if speed is None else speed * megapixels
        self._megapixels = megapixels
        self._encoding = time.monotonic()

    def heard(self, stage: str, share: float) -> None:
        """Report that this share, 0 to 1, of the encoding is done."""
        now = time.monotonic()
        if stage != "encode" or now - self._last < _PAUSE:
            return
        self._last = now
        # A second try, after a copy that did not verify, does not take us back.
        self._percent = max(self._percent, int(100 * _ENCODING * share))
        total = progress.expected_seconds(share, now - self._encoding, self._expected)
        try:
            left = None if total is None else self._left(total, share)
            if not converting.report(self._lease.claim, self._percent, self._megapixels, left):
                self._lease.end()
        except DatabaseError:
            logger.exception("conversion %s: the database is away", self._lease.claim.id)
        finally:
            connection.close()  # python-ffmpeg calls from a short-lived thread of its own

    def _left(self, total: float, share: float) -> float:
        """Seconds until it is ready, when all of the encoding takes `total`."""
        # Fetching and probing the source takes about as long as verifying and storing the result.
        return total / _ENCODING - total * share + (self._encoding - self._began)
