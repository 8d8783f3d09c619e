"""Holding a conversion while it is worked on."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connection

from backends import queue
from contests import converting
from contests.converting import Claim

logger = logging.getLogger(__name__)


class Lease:
    """A claim, its message and the signal to stop working on it.

    `stop` is set when the work must end: the lease is lost, or somebody called `release`.
    """

    def __init__(self, claim: Claim, handle: str) -> None:
        self.claim = claim
        self.handle = handle
        self.stop = threading.Event()
        self.lost = False
        self._done = threading.Event()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Renew the lease in the background until the block ends."""
        renewal = threading.Thread(target=self._renew, name=f"lease-{self.claim.id}", daemon=True)
        renewal.start()
        try:
            yield
        finally:
            self._done.set()
            renewal.join()

    def _renew(self) -> None:
        # Counted from before the renewal, on a clock that nobody sets: never later than the row.
        good_until = time.monotonic() + settings.LEASE_SECONDS
        try:
            while not self._done.wait(settings.HEARTBEAT_SECONDS):
                started = time.monotonic()
                try:
                    alive = converting.heartbeat(self.claim)
                    # The row first, then the message: a message that comes back early finds a
                    # live lease, a row that runs out early would be taken over.
                    if alive:
                        queue.extend(self.handle, settings.LEASE_SECONDS + 1)
                        good_until = started + settings.LEASE_SECONDS
                except DatabaseError:
                    logger.exception("conversion %s: heartbeat failed", self.claim.id)
                    # Another worker may take over once the lease is out: be gone before.
                    alive = time.monotonic() + settings.HEARTBEAT_SECONDS < good_until
                if not alive:
                    logger.warning("conversion %s: lease lost", self.claim.id)
                    self.lost = True
                    self.stop.set()
                    return
        finally:
            connection.close()
