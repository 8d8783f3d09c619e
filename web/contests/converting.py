"""A conversion's life. Every change is an UPDATE that names the state it starts from.

The row is the truth and the queue message a doorbell. A worker holds a row by a lease and names the
`attempt` it was given; when an UPDATE changes no row the lease is lost, and whoever sees that stops
and publishes nothing.
"""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from backends import queue
from contests import notifying
from contests.models import Conversion, Entry, Kind, Rendition, State

MAX_FAILURES = 5
# Seconds before attempt n+1; a little chance keeps a crowd of retries apart.
_BACKOFF = (5, 15, 60, 300)


@dataclass(frozen=True)
class Claim:
    """A conversion held by a worker. `attempt` is the fencing number."""

    id: int
    attempt: int
    entry_id: int
    source_key: str
    source_bytes: int


def enqueue(entry: Entry) -> Conversion:
    """Create the entry's conversion; its doorbell rings once the transaction is committed."""
    conversion = Conversion.objects.create(entry=entry, queued_at=Now(), ring_at=Now())
    transaction.on_commit(lambda: ring(conversion.pk))
    return conversion


def ring(conversion_id: int, delay: float = 0) -> None:
    """Send a conversion's message: an id and nothing else; visible after `delay` seconds."""
    queue.send({"conversion": conversion_id}, delay=delay)


def claim(conversion_id: int, worker: str) -> Claim | None:
    """Take a waiting conversion, or one whose holder has died. None: there is nothing to do."""
    take_back(Conversion.objects.filter(pk=conversion_id))
    with transaction.atomic():
        won = Conversion.objects.filter(pk=conversion_id, state=State.QUEUED).update(
            state=State.RUNNING,
            attempt=F("attempt") + 1,
            worker=worker,
            lease_until=_lease(),
            started_at=Now(),
            percent=0,
        )
        if not won:
            return None
        row = Conversion.objects.select_related("entry__upload").get(pk=conversion_id)
    upload = row.entry.upload
    return Claim(row.pk, row.attempt, row.entry_id, upload.key, upload.size)


def take_back(rows: QuerySet[Conversion]) -> int:
    """Count a failure for each of `rows` whose lease has run out; they wait again or are dead."""
    expired = rows.filter(state=State.RUNNING, lease_until__lt=Now())
    changes = {"failures": F("failures") + 1, "lease_until": None, "worker": ""}
    return expired.filter(failures__lt=MAX_FAILURES - 1).update(
        state=State.QUEUED, ring_at=Now(), error="the worker vanished", **changes
    ) + expired.update(state=State.DEAD, finished_at=Now(), error="the worker vanished", **changes)


def heartbeat(held: Claim) -> bool:
    """Renew the lease. False: it is lost."""
    return bool(_held(held).update(lease_until=_lease()))


def holds(held: Claim) -> bool:
    """Say whether the claim still counts: not taken over, cancelled or deleted."""
    return _held(held).exists()


def report(held: Claim, percent: int) -> bool:
    """Record progress, 0 to 100. False: the lease is lost."""
    return bool(_held(held).update(percent=percent))


@transaction.atomic
def finish(held: Claim, renditions: list[dict[str, Any]], partial: bool = False) -> bool:
    """Publish a conversion's stored renditions, all at once. False: the lease is lost.

    Each of `renditions` has a Rendition's fields: kind, number, key, codec, width, height,
    duration, size. `partial`: not all of the source could be read, and people are told so.
    """
    won = _held(held).update(
        state=State.SUCCEEDED,
        percent=100,
        lease_until=None,
        finished_at=Now(),
        reason="partial" if partial else "",
        error="",
    )
    if not won:
        return False
    Rendition.objects.bulk_create(Rendition(conversion_id=held.id, **each) for each in renditions)
    Entry.objects.filter(pk=held.entry_id).update(published_id=held.id)
    _tell(held, Kind.READY)
    return True


@transaction.atomic
def refuse(held: Claim, code: str) -> bool:
    """End a conversion because the video itself is at fault: never tried again, and told why."""
    won = _held(held).update(
        state=State.FAILED, reason=code, lease_until=None, finished_at=Now(), error=""
    )
    if won:
        _tell(held, Kind.FAILED)
    return bool(won)


def fail(held: Claim, error: str) -> float | None:
    """Record our own fault. Returns the seconds to wait before the next try, None for no more."""
    failures = Conversion.objects.filter(pk=held.id).values_list("failures", flat=True).first() or 0
    # Ops read it: the end of an error's text says most.
    changes = {"failures": F("failures") + 1, "lease_until": None, "error": error[-2000:]}
    if failures + 1 >= MAX_FAILURES:
        _held(held).update(state=State.DEAD, finished_at=Now(), **changes)
        return None
    delay = _BACKOFF[min(failures, len(_BACKOFF) - 1)] * random.uniform(0.8, 1.2)  # noqa: S311
    won = _held(held).update(
        state=State.QUEUED, ring_at=Now() + timedelta(seconds=delay), **changes
    )
    return delay if won else None


def release(held: Claim) -> bool:
    """Give a conversion back unfinished, without counting a failure: a graceful stop."""
    return bool(_held(held).update(state=State.QUEUED, lease_until=None, worker="", ring_at=Now()))


def redrive(rows: QuerySet[Conversion]) -> int:
    """Let ended conversions (failed or dead) run again with a clean slate; return how many."""
    redriven = 0
    for pk in list(rows.values_list("pk", flat=True)):
        ended = Conversion.objects.filter(pk=pk, state__in=(State.FAILED, State.DEAD))
        if ended.update(
            state=State.QUEUED,
            failures=0,
            reason="",
            error="",
            percent=0,
            finished_at=None,
            queued_at=Now(),
            ring_at=Now(),
        ):
            ring(pk)
            redriven += 1
    return redriven


def waiting() -> QuerySet[Conversion]:
    """All conversions that still have work in them, oldest first."""
    unfinished = Q(state=State.QUEUED) | Q(state=State.RUNNING)
    return Conversion.objects.filter(unfinished).order_by("queued_at", "pk")


def _held(held: Claim) -> QuerySet[Conversion]:
    return Conversion.objects.filter(pk=held.id, attempt=held.attempt, state=State.RUNNING)


def _lease() -> Any:
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)


def _tell(held: Claim, kind: Kind) -> None:
    entry = Entry.objects.get(pk=held.entry_id)
    notifying.notify(kind, f"{kind}:{held.id}", entry=entry, language=entry.language)
