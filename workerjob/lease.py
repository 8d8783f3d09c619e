"""Holding a conversion while it is worked on."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator

from django.conf import settings
from django.db import Error, connection

from backends import queue
from contests import converting
from contests.converting import Claim
from workerjob.telling import in_context

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 1  # so that work on what was deleted or taken over ends within two seconds


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
        renewal = threading.Thread(
            target=in_context(self._renew), name=f"lease-{self.claim.id}", daemon=True
        )
        renewal.start()
        try:
            yield
        finally:
            self._done.set()
            renewal.join()

    def _renew(self) -> None:
        # Counted from before the renewal, on a clock that nobody sets: never later than the row.
        renewed = time.monotonic()
        try:
            while not self._done.wait(min(_LOOK_SECONDS, settings.HEARTBEAT_SECONDS)):
                now = time.monotonic()
                due = now >= renewed + settings.HEARTBEAT_SECONDS
                try:
                    alive = (due and self._beat()) or converting.holds(self.claim)
                    renewed = now if due else renewed
                except Error:
                    connection.close()  # else the dead one would be asked for ever
                    logger.exception("conversion %s: the database is away", self.claim.id)
                    # Another worker may take over once the lease is out: be gone before.
                    alive = now + settings.HEARTBEAT_SECONDS < renewed + settings.LEASE_SECONDS
                if not alive:
                    if self.stop.is_set():
                        return  # told to end, the worker has given it back, and may say so
                    logger.warning("conversion %s: lease lost", self.claim.id)
                    self.lost = True
                    self.stop.set()
                    return
        finally:
            connection.close()

    def _beat(self) -> bool:
        # The row first, then the message: a message that comes back early finds a live lease, a
        # row that runs out early would be taken over.
        alive = converting.heartbeat(self.claim)
        if alive:
            try:
                queue.extend(self.handle, settings.LEASE_SECONDS + 1)
            except Exception:  # whoever gets the message meanwhile finds the row's lease alive
                logger.exception("conversion %s: its message was not extended", self.claim.id)
        return alive
