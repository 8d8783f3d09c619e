"""Things that happen at the same moment, each over a connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do all of these at once; return what each returned. Needs a transactional test."""
    start = threading.Barrier(len(acts))

    def act(each: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return each()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [job.result() for job in [pool.submit(act, each) for each in acts]]
