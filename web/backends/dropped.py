"""Counting what telemetry throws away rather than make anybody wait for it."""

import logging
import math
import threading
import time

_PAUSE = 60.0  # seconds between two lines about it


class Dropped:
    """Counts what was dropped and logs the count, at most once a minute."""

    def __init__(self, what: str, logger: logging.Logger) -> None:
        self.count = 0
        self._told = 0
        self._last = -math.inf
        self._what, self._logger = what, logger
        self._lock = threading.Lock()

    def add(self, number: int, why: str, last: bool = False) -> None:
        """Count `number` more; `last`: there will be no later line, so log what is not yet told."""
        with self._lock:
            self.count += number
            now = time.monotonic()
            if self.count == self._told or (now < self._last + _PAUSE and not last):
                return
            self._told, self._last = self.count, now
        self._logger.warning("%s: %s dropped so far (%s)", self._what, self._told, why)
