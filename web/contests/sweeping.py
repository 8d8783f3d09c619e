"""What must happen even when nobody asks: expired leases, unsent mail, lost messages, leftovers.

Any process may call `sweep` at any time; a lock in the database lets one at a time through.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import close_old_connections
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from backends import queue, storage
from contests import converting, notifying, reconverting, submitting
from contests.models import Conversion, State, SweepLock, Upload
from contests.reasons import Refused

logger = logging.getLogger(__name__)

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


def sweep() -> Swept | None:
    """Sweep once; None when another process is at it."""
    SweepLock.objects.get_or_create(pk=1, defaults={"until": Now()})
    lock = SweepLock.objects.filter(pk=1)
    if not lock.filter(until__lte=Now()).update(until=Now() + _HOLD):
        return None
    held_until = lock.values_list("until", flat=True).get()
    try:
        swept = Swept(
            leases=_tried(_take_back),
            rung=_tried(_ring_lost),
            uploads=_tried(_drop_abandoned),
            files=_tried(reconverting.drop_superseded) + _tried(storage.delete_again),
            mails=_tried(notifying.send_due),  # last: a silent mail server takes its time
        )
    finally:
        lock.filter(until=held_until).update(until=Now())  # unless another has taken it since
    if swept != Swept():
        logger.info("%s", swept)
    return swept


def start(stop: threading.Event, every: float = 10) -> threading.Thread:
    """Sweep every `every` seconds in the background, until `stop` is set."""

    def loop() -> None:
        while not stop.wait(every):
            try:
                close_old_connections()
                sweep()
            except Exception:  # the database may be away; the next round goes on
                logger.exception("sweeping failed")

    thread = threading.Thread(target=loop, name="sweeper", daemon=True)
    thread.start()
    return thread


def _tried(step: Callable[[], int]) -> int:
    """Take one step; should the queue or the storage be away, the other steps are still taken."""
    try:
        return step()
    except Exception:
        logger.exception("sweeping: %s failed", step.__name__)
        return 0


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
    for pk in list(ids):
        Conversion.objects.filter(pk=pk).update(ring_at=Now())
        converting.ring(pk)
    lock.update(short_since=None)
    return len(ids)


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
