"""The embedded queue: SQS's model in a table of ours. `queue.py` says what each function does.

All times are the database's, since several machines may share it.
"""

import threading
import time
import uuid
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import Now

from backends.models import QueueMessage
from backends.queue import Depth, Message

_LOOK_SECONDS = 0.5
MAX_RECEIVES = 20  # then a message goes to the dead letters: the last net, as on SQS


def send(body: dict[str, Any], delay: float = 0) -> None:
    """Add a message, visible after `delay` seconds."""
    QueueMessage.objects.create(body=body, sent_at=Now(), visible_at=_after(delay))


def receive(most: int, visibility: float, wait: float, stop: threading.Event) -> list[Message]:
    """Take messages, oldest first; looks again and again while it waits."""
    deadline = time.monotonic() + wait
    while not (taken := _take(most, visibility)) and time.monotonic() < deadline:
        if stop.wait(_LOOK_SECONDS):
            break
    return taken


def _take(most: int, visibility: float) -> list[Message]:
    """Take each message by a compare-and-set, so that two processes never hold the same."""
    taken = []
    visible = QueueMessage.objects.filter(dead=False, visible_at__lte=Now())
    for row in visible.order_by("visible_at", "pk")[:most]:
        handle = uuid.uuid4().hex
        still_mine = visible.filter(pk=row.pk, handle=row.handle)
        if row.receives >= MAX_RECEIVES:
            still_mine.update(dead=True)
        elif still_mine.update(
            handle=handle,
            receives=F("receives") + 1,
            visible_at=_after(visibility),
        ):
            taken.append(Message(row.body, handle, row.receives + 1))
    return taken


def extend(handle: str, seconds: float) -> bool:
    """Hide a held message for `seconds` from now (0: visible at once). False: no longer held."""
    held = QueueMessage.objects.filter(handle=handle)
    return bool(held.update(visible_at=_after(seconds)))


def delete(handle: str) -> None:
    """Delete a held message; nothing happens if another process has received it since."""
    QueueMessage.objects.filter(handle=handle).delete()


def bury(message: Message) -> None:
    """Move a held message to the dead letters, where it waits for ops."""
    QueueMessage.objects.filter(handle=message.handle).update(dead=True)


def depth() -> Depth:
    """Count the messages by what will happen to them."""
    alive, hidden = Q(dead=False), Q(dead=False, visible_at__gt=Now())
    counts = QueueMessage.objects.aggregate(
        visible=Count("pk", filter=alive & Q(visible_at__lte=Now())),
        in_flight=Count("pk", filter=hidden & Q(receives__gt=0)),
        delayed=Count("pk", filter=hidden & Q(receives=0)),
        dead=Count("pk", filter=Q(dead=True)),
    )
    return Depth(**counts)


def revive_dead() -> int:
    """Put all dead letters back into the queue; return how many."""
    return QueueMessage.objects.filter(dead=True).update(
        dead=False, receives=0, visible_at=Now(), handle=""
    )


def _after(seconds: float) -> Any:
    # SQLite writes a sum with more digits than its clock has, and compares as text: the sum of now
    # and nothing would lie behind now until the next millisecond.
    return Now() + timedelta(seconds=seconds) if seconds else Now()
