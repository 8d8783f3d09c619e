"""What must happen even when nobody asks: expired leases, unsent mail, lost messages, leftovers.

Any process may call `sweep` at any time; a lock in the database lets one at a time through.
"""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from backends import queue, storage
from contests import (
    adopting,
    converting,
    erasing,
    fleet,
    nameless,
    notifying,
    ordering,
    placing,
    reconverting,
    stored,
    submitting,
)
from contests.models import Conversion, State, SweepLock, Upload
from contests.reasons import Refused

logger = logging.getLogger(__name__)
T = TypeVar("T")

_HOLD = timedelta(seconds=60)
_SHORT = timedelta(seconds=60)
ABANDONED = timedelta(hours=48)


@dataclass(frozen=True)
class Swept:
    """What one sweep did."""

    leases: int = 0
    mails: int = 0
    rung: int = 0
    uploads: int = 0
    files: int = 0
    placed: int = 0
    nameless: int = 0
    missing: int = 0
    workers: int = 0
    decks: int = 0
    people: int = 0


def sweep() -> Swept | None:
    """Sweep once; None when another process is at it."""
    SweepLock.objects.get_or_create(pk=1, defaults={"until": Now()})
    if not SweepLock.objects.filter(pk=1, until__lte=Now()).update(until=Now() + _HOLD):
        return None
    lock = _Lock()
    try:
        swept = _take_steps(lock)
    finally:
        lock.free()
    if swept != Swept():
        logger.info("%s", swept)
    return swept


def start(stop: threading.Event, every: float = 10) -> threading.Thread:
    """Sweep about every `every` seconds in the background, until `stop` is set."""

    def loop() -> None:
        # Not all processes of the fleet at the same moment.
        while not stop.wait(every * random.uniform(0.5, 1)):  # noqa: S311
            try:
                close_old_connections()
                sweep()
            except Exception:  # the database may be away; the next round goes on
                logger.exception("sweeping failed")

    thread = threading.Thread(target=loop, name="sweeper", daemon=True)
    thread.start()
    return thread


class _Lock:
    """The right to sweep, which another process has once a step has taken more than a minute."""

    def __init__(self) -> None:
        self._row = SweepLock.objects.filter(pk=1)
        self._until = self._row.values_list("until", flat=True).get()

    def tried(self, step: Callable[[], T], nothing: T) -> T:
        """Take one step; return `nothing` if it fails, so that the other steps are still taken.

        Once the lock is lost no step is taken.
        """
        if not self._row.filter(until=self._until).update(until=Now() + _HOLD):
            return nothing
        self._until = self._row.values_list("until", flat=True).get()
        try:
            return step()
        except Exception:
            logger.exception("sweeping: %s failed", step.__name__)
            return nothing

    def free(self) -> None:
        """Let others sweep, unless one does already."""
        self._row.filter(until=self._until).update(until=Now())


def _take_steps(lock: _Lock) -> Swept:
    leases, rung = lock.tried(_take_back, 0), lock.tried(_ring_lost, 0)
    workers = lock.tried(fleet.forget_silent, 0)
    lock.tried(adopting.adopt, None)
    decks = lock.tried(ordering.forget_old_decks, 0)
    people = lock.tried(erasing.erase_due, 0)
    lock.tried(SessionStore.clear_expired, None)
    uploads = files = placed = deleted = missing = 0
    if lock.tried(_storage_answers, False):
        uploads = lock.tried(_drop_abandoned, 0)
        files = lock.tried(reconverting.drop_superseded, 0) + lock.tried(storage.delete_again, 0)
        placed = lock.tried(placing.settle_due, 0)
        missing = lock.tried(stored.compare, 0)
        deleted = lock.tried(nameless.delete, 0)
    mails = lock.tried(notifying.send_due, 0)  # last: a silent mail server takes its time
    done = (leases, mails, rung, uploads, files, placed, deleted, missing, workers, decks)
    return Swept(*done, people)


def _storage_answers() -> bool:
    """Ask it once, so that nobody waits in vain for each of a thousand files."""
    storage.check()
    return True


def _take_back() -> int:
    expired = Conversion.objects.filter(state=State.RUNNING, lease_until__lt=Now())
    return converting.take_back(expired)


def _ring_lost() -> int:
    """Ring again for conversions whose message is lost.

    Blind rings would swell the queue's length, on which the fleet scales: so only when the queue
    has held fewer messages than there is work for a minute, oldest first, at most the difference.
    """
    lock = SweepLock.objects.filter(pk=1)
    missing = converting.waiting().count() - queue.depth().pending
    if missing <= 0:
        lock.update(short_since=None)
        return 0
    lock.filter(short_since=None).update(short_since=Now())
    if not lock.filter(short_since__lte=Now() - _SHORT).exists():
        return 0
    silent = Q(state=State.QUEUED, ring_at__lte=Now() - _SHORT)
    ids = converting.waiting().filter(silent).values_list("pk", flat=True)[:missing]
    rung = 0
    for pk in list(ids):
        if not converting.ring(pk):
            break  # each would take seconds, and the other steps wait
        Conversion.objects.filter(pk=pk).update(ring_at=Now())
        rung += 1
    lock.update(short_since=None)
    return rung


def _drop_abandoned() -> int:
    """Drop uploads that nobody has touched for days and that became no entry."""
    old = Upload.objects.filter(entry=None, touched_at__lt=timezone.now() - ABANDONED)
    count = 0
    for upload in old[:100]:
        try:
            submitting.discard_upload(upload)
        except Refused:  # it became an entry just now
            continue
        count += 1
    return count
