"""A conversion's life. Every change is an UPDATE that names the state it starts from.

The row is the truth and the queue message a doorbell. A worker holds a row by a lease and names the
`attempt` it was given; when an UPDATE changes no row the lease is lost, and whoever sees that stops
and publishes nothing.
"""

import logging
import math
import random
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from accounts.models import User
from backends import queue
from backends.transactions import retried
from contests import auditing, notifying, placing
from contests.models import Conversion, Entry, Kind, Rendition, State
from videoshare.logs import hide

logger = logging.getLogger(__name__)

MAX_FAILURES = 5
UNFINISHED = (State.QUEUED, State.RUNNING)
# Seconds before attempt n+1; a little chance keeps a crowd of retries apart.
_BACKOFF = (5, 15, 60, 300)
# What lies before a file's name in a path, but not in an address such as https://…
_FOLDERS = re.compile(r"(?<![\w/.])(?:/[\w.@+-]+)+/")
_LONGEST_ERROR = 300  # characters


@dataclass(frozen=True)
class Claim:
    """A conversion held by a worker. `attempt` is the fencing number.

    `waited` is how many seconds lie between the queue and this attempt, earlier ones included;
    `most_seconds` how long the video may be in its contest; `source_digest` is "" until known.
    """

    id: int
    attempt: int
    entry_id: int
    source_key: str
    source_version: str
    source_bytes: int
    waited: float
    most_seconds: float = math.inf
    source_digest: str = ""


def enqueue(entry: Entry) -> Conversion:
    """Create the entry's conversion; its doorbell rings once the transaction is committed."""
    conversion = Conversion.objects.create(entry=entry, queued_at=Now(), ring_at=Now())
    transaction.on_commit(lambda: ring(conversion.pk), robust=True)
    return conversion


def lock_entry(entry_id: int) -> Entry | None:
    """Hold an entry's row until the transaction ends; None when it is withdrawn, erased or deleted.

    Whoever creates, revives or ends a conversion takes it first, so that none of these can come in
    the middle of a withdrawal.
    """
    there = Entry.objects.filter(pk=entry_id, withdrawn_at=None, erased_at=None)
    return there.select_for_update().first()


def ring(conversion_id: int, delay: float = 0) -> bool:
    """Send a conversion's message: an id and nothing else; visible after `delay` seconds.

    False: the queue does not answer. Nothing is lost: the sweeper rings for rows without a message.
    """
    try:
        queue.send({"conversion": conversion_id}, delay=delay)
    except Exception as error:
        name = type(error).__name__
        logger.error("conversion %s: the queue does not answer: %s", conversion_id, name)
        return False
    return True


@retried
def claim(conversion_id: int, worker: str) -> Claim | None:
    """Take a waiting conversion, or one whose holder has died. None: there is nothing to do."""
    take_back(Conversion.objects.filter(pk=conversion_id))
    won = Conversion.objects.filter(pk=conversion_id, state=State.QUEUED).update(
        state=State.RUNNING,
        attempt=F("attempt") + 1,
        worker=worker,
        lease_until=_lease(),
        started_at=Now(),
        percent=0,
        ready_at=None,
    )
    if not won:
        return None
    row = Conversion.objects.select_related("entry__upload", "entry__contest").get(pk=conversion_id)
    upload, longest = row.entry.upload, row.entry.contest.max_seconds
    waited = ((row.started_at or row.queued_at) - row.queued_at).total_seconds()
    return Claim(
        *(row.pk, row.attempt, row.entry_id, upload.key, upload.version, upload.size),
        waited=waited,
        # Cameras and editors are no stopwatches: of "one minute" they make a little more.
        most_seconds=longest + 1 if longest else math.inf,
        source_digest=upload.digest,
    )


@retried
def take_back(rows: QuerySet[Conversion]) -> int:
    """Count a failure for each of `rows` whose lease has run out; they wait again or are dead."""
    expired = rows.filter(state=State.RUNNING, lease_until__lt=Now())
    changes = {"failures": F("failures") + 1, "lease_until": None, "worker": ""}
    return expired.filter(failures__lt=MAX_FAILURES - 1).update(
        state=State.QUEUED, ring_at=Now(), error="the worker vanished", **changes
    ) + expired.filter(failures__gte=MAX_FAILURES - 1).update(
        state=State.DEAD, finished_at=Now(), error="the worker vanished", **changes
    )


def heartbeat(held: Claim) -> bool:
    """Renew the lease. False: it is lost."""
    return bool(_held(held).update(lease_until=_lease()))


def holds(held: Claim) -> bool:
    """Say whether nobody took the claim from its holder, who may just have ended the conversion.

    It is taken by another claim, a lease that ran out, a withdrawal, or when the row is deleted.
    """
    mine = Conversion.objects.filter(pk=held.id, attempt=held.attempt)
    # Whoever takes it back clears `worker`; its holder's own end leaves it.
    return mine.exclude(worker="").exclude(state=State.CANCELLED).exists()


def report(held: Claim, percent: int, megapixels: float, left: float | None) -> bool:
    """Record progress, 0 to 100, the work it is, and the seconds until it will be ready, if they
    are known. False: the lease is lost."""
    ready_at = None if left is None else Now() + timedelta(seconds=left)
    return bool(_held(held).update(percent=percent, megapixels=megapixels, ready_at=ready_at))


@retried
def finish(held: Claim, renditions: list[dict[str, Any]], partial: bool = False) -> bool:
    """Publish a conversion's stored renditions, all at once. False: the lease is lost.

    They take the place of what was published before, whose files go later (see reconverting.py).
    Each of `renditions` has a Rendition's fields: kind, number, key, codec, width, height,
    duration, size. `partial`: not all of the source could be read, and people are told so.
    """
    entry = lock_entry(held.entry_id)
    if entry is None or not _held(held).update(
        state=State.SUCCEEDED,
        percent=100,
        lease_until=None,
        finished_at=Now(),
        reason="partial" if partial else "",
        error="",
    ):
        return False
    Rendition.objects.bulk_create(Rendition(conversion_id=held.id, **each) for each in renditions)
    older = entry.conversions.filter(state=State.SUCCEEDED, superseded_at=None).exclude(pk=held.id)
    older.update(superseded_at=Now())
    since = {} if entry.published_id else {"public_at": Now()}
    Entry.objects.filter(pk=entry.pk).update(published_id=held.id, **since)
    placing.mark_if_misplaced(entry, [each["key"] for each in renditions])
    _tell(entry, held, Kind.READY)
    return True


@retried
def refuse(held: Claim, code: str) -> bool:
    """End a conversion because the video itself is at fault: never tried again, and told why."""
    entry = lock_entry(held.entry_id)
    if entry is None or not _held(held).update(
        state=State.FAILED, reason=code, lease_until=None, finished_at=Now(), error=""
    ):
        return False
    _tell(entry, held, Kind.FAILED)
    return True


@retried
def fail(held: Claim, error: str) -> float | None:
    """Record our own fault, such as `ClientError: …`, of which what is private is left out.

    Returns the seconds before the next try, `math.inf` for no more; None: the lease is lost.
    """
    row = _held(held).select_for_update().first()
    if row is None:
        return None
    changes = {"failures": row.failures + 1, "lease_until": None, "error": _presentable(error)}
    if row.failures + 1 >= MAX_FAILURES:
        _held(held).update(state=State.DEAD, finished_at=Now(), **changes)
        return math.inf
    delay = _BACKOFF[min(row.failures, len(_BACKOFF) - 1)] * random.uniform(0.8, 1.2)  # noqa: S311
    _held(held).update(state=State.QUEUED, ring_at=Now() + timedelta(seconds=delay), **changes)
    return delay


def _presentable(error: str) -> str:
    """What may be read of an error by whoever sees the row: no secret, mail address or folder.

    Of a long one the beginning, which names its kind, and the end, which says most.
    """
    text = " ".join(_FOLDERS.sub("…/", hide(error)).split())
    if len(text) <= _LONGEST_ERROR:
        return text
    return f"{text[:99]}…{text[-_LONGEST_ERROR + 100 :]}"


@retried
def release(held: Claim) -> bool:
    """Give a conversion back unfinished, without counting a failure: a graceful stop."""
    return bool(_held(held).update(state=State.QUEUED, lease_until=None, worker="", ring_at=Now()))


def redrive(
    rows: QuerySet[Conversion], most: int | None = None, by: User | None = None, actor: str = ""
) -> int:
    """Let ended conversions (failed or dead) run again with a clean slate; return how many.

    Not those of a withdrawn entry, nor of one that has another conversion under way. `most`: look
    at so many of `rows` only, because somebody waits. `by` and `actor` go into the audit trail.
    """
    ended = list(rows.order_by("-pk").values_list("pk", "entry_id")[:most])
    queued = [pk for pk, entry_id in ended if _requeue(pk, entry_id, by, actor)]
    for pk in queued:
        if not ring(pk):
            break  # the sweeper rings for all others, too
    return len(queued)


@retried
def _requeue(pk: int, entry_id: int, by: User | None, actor: str) -> bool:
    entry = lock_entry(entry_id)
    if entry is None or entry.conversions.filter(state__in=UNFINISHED).exists():
        return False
    ended = Conversion.objects.filter(pk=pk, state__in=(State.FAILED, State.DEAD))
    changed = ended.update(
        state=State.QUEUED,
        failures=0,
        reason="",
        error="",
        percent=0,
        finished_at=None,
        queued_at=Now(),
        ring_at=Now(),
    )
    if changed:
        auditing.record(entry.contest, "conversion_retried", entry=entry, user=by, actor=actor)
    return bool(changed)


def waiting() -> QuerySet[Conversion]:
    """All conversions that still have work in them, oldest first."""
    return Conversion.objects.filter(state__in=UNFINISHED).order_by("queued_at", "pk")


def is_busy(instance: str) -> bool:
    """Say whether any worker of an instance holds a conversion; their names begin with its id."""
    running = Conversion.objects.filter(state=State.RUNNING)
    return running.filter(worker__startswith=f"{instance}-").exists()


def _held(held: Claim) -> QuerySet[Conversion]:
    return Conversion.objects.filter(pk=held.id, attempt=held.attempt, state=State.RUNNING)


def _lease() -> Any:
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)


def _tell(entry: Entry, held: Claim, kind: Kind) -> None:
    """Tell the participant once; that a public video was converted again is no news to them."""
    if entry.published_id is None and not entry.notification_set.filter(kind=kind).exists():
        notifying.notify(kind, f"{kind}:{held.id}", entry=entry, language=entry.language)
