"""Telling the fleet that this worker lives."""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import connection

from contests import fleet

logger = logging.getLogger(__name__)

_LAST_WORD_SECONDS = 2


@contextlib.contextmanager
def told(name: str, concurrency: int, draining: Callable[[], bool]) -> Iterator[None]:
    """Tell now and with every heartbeat until the block ends, and then that the worker has left.

    In the background: whether anybody hears of it must not matter to a conversion.
    """
    done = threading.Event()

    def tell() -> None:
        ended = False
        while not ended:
            _try(lambda: fleet.beat(name, concurrency, draining()))
            ended = done.wait(settings.HEARTBEAT_SECONDS)
        _try(lambda: fleet.leave(name))

    thread = threading.Thread(target=tell, name="presence", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(_LAST_WORD_SECONDS)


def _try(tell: Callable[[], None]) -> None:
    try:
        tell()
    except Exception as error:  # the worker's other threads say at length what is away
        logger.warning("the fleet was not told of this worker: %s", type(error).__name__)
    finally:
        connection.close()  # the next word is a while away
