"""The queue: messages that come back unless they are deleted.

At-least-once: a message received and neither deleted nor extended becomes visible again. SQS where
`sqs_url` is set, else a table in the database.
"""

import threading
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from django.conf import settings

_OFTEN = 10  # receives; after 20 a queue takes a message for poison


@dataclass(frozen=True)
class Message:
    """A received message: `handle` is what extend and delete want, valid until the next receive."""

    body: Any
    handle: str
    receives: int


@dataclass(frozen=True)
class Depth:
    """How many messages there are."""

    visible: int
    in_flight: int
    delayed: int
    dead: int

    @property
    def pending(self) -> int:
        """All that will still reach a worker."""
        return self.visible + self.in_flight + self.delayed


class NotMoved(Exception):
    """The queue does not move its dead letters; the message is its own words."""


def send(body: dict[str, Any], delay: float = 0) -> None:
    """Add a message, visible after `delay` seconds; gives up soon, since somebody may wait."""
    _backend().send(body, delay)


def receive(
    most: int, visibility: float, wait: float = 0, stop: threading.Event | None = None
) -> list[Message]:
    """Take up to `most` visible messages and hide them for `visibility` seconds.

    Waits up to `wait` seconds for the first one. Setting `stop` ends that, where it can be ended:
    SQS answers when it will.
    """
    return list(_backend().receive(most, visibility, wait, stop or threading.Event()))


def extend(handle: str, seconds: float) -> bool:
    """Hide a held message for `seconds` from now (0: visible at once). False: no longer held."""
    return bool(_backend().extend(handle, seconds))


def give_back(message: Message) -> bool:
    """Let another process receive a held message at once, however often that happens to it.

    One that was received often is sent anew, for nothing is wrong with it. False: no longer held.
    """
    if message.receives < _OFTEN:
        return extend(message.handle, 0)
    send(message.body)
    delete(message.handle)
    return True


def delete(handle: str) -> None:
    """Delete a held message; nothing happens if another process has received it since."""
    _backend().delete(handle)


def bury(message: Message) -> None:
    """Move a held message to the dead letters, where it waits for ops."""
    _backend().bury(message)


def depth() -> Depth:
    """Count the messages by what will happen to them."""
    counted: Depth = _backend().depth()
    return counted


def revive_dead() -> int:
    """Put all dead letters back into the queue; return how many. Raises NotMoved."""
    return int(_backend().revive_dead())


def _backend() -> ModuleType:
    if settings.SQS_URL:
        from backends import queue_sqs  # and boto3, which one machine does without

        return queue_sqs
    from backends import queue_table

    return queue_table
