"""Whether this machine's data are in use: a lock that web server and worker share while they live.

The kernel ends it with its process, however that dies. On AWS, where nothing is restored from here,
nobody asks for it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

_shared: list[int] = []  # kept open until the process ends


def share() -> None:
    """Say for as long as this process lives that it works on the data; wait for who is alone."""
    if settings.CONFIG.secret_name:
        return
    handle = _open()
    fcntl.flock(handle, fcntl.LOCK_SH)
    _shared.append(handle)


@contextmanager
def alone(*, wait: bool = False) -> Iterator[None]:
    """Keep all who share out of the data; raise BlockingIOError while one of them runs, or wait."""
    handle = _open()
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(handle)


def _open() -> int:
    return os.open(settings.DATA / "in-use", os.O_RDONLY | os.O_CREAT, 0o600)
