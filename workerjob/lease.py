"""Holding a conversion while it is worked on."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator

from django.conf import settings
from django.db import connection

from backends import queue
from contests import converting
from contests.converting import Claim
from workerjob.telling import in_context

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 1  # so that work on what was deleted or taken over ends within two seconds
# The share of a lease that is left when the work is stopped because it could not be renewed: 10 of
# 60 seconds, more than it takes to kill ffmpeg. Then another worker may take over.
_MARGIN = 1 / 6


class Lease:
    """A claim, its message and the signal to stop working on it.

    `since` is time.monotonic() of before the claim, so that we never believe in it longer than the
    row does. `stop` is set when the work must end: because the lease is lost or could not be
    renewed, or because somebody called `end`.
    """

    def __init__(self, claim: Claim, message: queue.Message, since: float) -> None:
        self.claim = claim
        self.message = message
        self.stop = threading.Event()
        self._since = since
        self._done = threading.Event()  # nothing is to be renewed any more
        self._extension: threading.Thread | None = None

    def end(self) -> None:
        """Stop the work, from any thread; at once its conversion waits for the next worker."""
        self.stop.set()
        self._done.set()

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
        renewed = self._since
        last_call = self._last_call(renewed)
        while not self._done.wait(min(_LOOK_SECONDS, settings.HEARTBEAT_SECONDS)):
            now = time.monotonic()
            due = now >= renewed + settings.HEARTBEAT_SECONDS
            try:
                alive = (due and self._beat()) or converting.holds(self.claim)
            except Exception as error:
                connection.close()  # else a dead one would be asked for ever
                name = type(error).__name__
                logger.warning("conversion %s: the lease can't be renewed: %s", self.claim.id, name)
                continue
            if not alive:
                logger.warning("conversion %s: lease lost", self.claim.id)
                self.end()
            elif due:
                renewed = now
                last_call.cancel()
                last_call = self._last_call(now)
        last_call.cancel()
        if self.stop.is_set():
            self._give_back()
        if self._extension:  # what is done to the message next must come after it
            self._extension.join()
        connection.close()

    def _last_call(self, renewed: float) -> threading.Timer:
        """End the work in time, unless it is cancelled: the database may be silent for longer."""
        until = renewed + settings.LEASE_SECONDS * (1 - _MARGIN)
        timer = threading.Timer(max(0, until - time.monotonic()), in_context(self._too_late))
        timer.daemon = True
        timer.start()
        return timer

    def _too_late(self) -> None:
        logger.error("conversion %s: stopped before its lease is out", self.claim.id)
        self.end()

    def _beat(self) -> bool:
        # The row first, then the message: a message that comes back early finds a live lease, a
        # row that runs out early would be taken over.
        alive = converting.heartbeat(self.claim)
        if alive and not (self._extension and self._extension.is_alive()):
            # A thread of its own, because a queue may be silent for longer than a lease lasts.
            self._extension = threading.Thread(target=in_context(self._extend), daemon=True)
            self._extension.start()
        return alive

    def _extend(self) -> None:
        try:
            queue.extend(self.message.handle, settings.LEASE_SECONDS + 1)
        except Exception:  # whoever gets the message meanwhile finds the row's lease alive
            logger.exception("conversion %s: its message was not extended", self.claim.id)
        finally:
            connection.close()

    def _give_back(self) -> None:
        """Release what is still ours: in the same order, since a message is answered at once."""
        try:
            if converting.release(self.claim):
                logger.info("conversion %s: given back", self.claim.id)
                if self._extension:
                    self._extension.join()
                if not queue.give_back(self.message):
                    converting.ring(self.claim.id)  # another has it, or has deleted it
        except Exception:  # the sweeper takes it back when the lease is out
            logger.exception("conversion %s: not given back", self.claim.id)
