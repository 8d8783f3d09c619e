"""A worker that meets with faults: `python -m tests.faults.worker FAULT... -- OPTION...`

A fault is four words, such as "before backends.storage:put 2 kill": when (before, after or around),
which function, in which of its calls in this process (2, or 1-3, or * for all), and what happens:

    kill           the process ends at once, as by SIGKILL
    freeze         it stands still until somebody sends SIGCONT
    fail           the call raises an OSError
    fail=MODULE:ERROR  the call raises that error
    wait=SECONDS   the call takes that much longer
    lock=FILE      a shared lock on the file is held; only with "around", until the call ends

"again 5" instead of a fault: five times, however it ends, it is started again, as by systemd.

The product knows nothing of this. What it would wait minutes for (a retry, a lost message, the next
sweep) comes after a second here.
"""

import fcntl
import functools
import itertools
import os
import pkgutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

from workerjob.__main__ import main  # makes web/ importable, too

_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGTERM, "freeze": signal.SIGSTOP}


def meet(fault: str) -> None:
    """Let a function meet with a fault."""
    when, where, calls, what = fault.split(maxsplit=3)
    path, _, name = where.rpartition("." if "." in where.partition(":")[2] else ":")
    owner, met = pkgutil.resolve_name(path), pkgutil.resolve_name(where)
    first, _, last = calls.partition("-")
    numbers = itertools.count(1)

    @functools.wraps(met)
    def faulty(*args: Any, **kwargs: Any) -> Any:
        number = next(numbers)
        if calls.startswith("id="):
            now = args[0].id == int(calls.removeprefix("id="))
        else:
            now = calls == "*" or int(first) <= number <= int(last or first)
        if now and when == "before":
            happen(what)
        with locked(what) if now and when == "around" else nullcontext():
            answer = met(*args, **kwargs)
        if now and when == "after":
            happen(what)
        return answer

    setattr(owner, name, faulty)


def happen(what: str) -> None:
    """Kill, stop, freeze, fail or wait."""
    word, _, detail = what.partition("=")
    if word in _SIGNALS:
        signal.raise_signal(_SIGNALS[word])  # to this thread, which is not to get one step further
    elif word == "wait":
        time.sleep(float(detail))
    else:
        error: Callable[[str], Exception] = pkgutil.resolve_name(detail) if detail else OSError
        raise error("an injected fault")


@contextmanager
def locked(what: str) -> Iterator[None]:
    """Hold a shared lock on the file of "lock=FILE"."""
    with Path(what.removeprefix("lock=")).open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def live_again(times: int) -> None:
    """Let so many processes live and end one after the other, and go on as the one after them."""
    for _ in range(times):
        child = os.fork()  # and so without a start of seconds
        if not child:
            return
        os.waitpid(child, 0)


def hurry() -> None:
    """Shorten what would take minutes."""
    from django.db import connection

    from contests import converting, stored, sweeping
    from workerjob import worker

    if connection.vendor == "mysql":  # of two values the later one counts
        options = connection.settings_dict["OPTIONS"]
        options["init_command"] += ", innodb_lock_wait_timeout = 2"
    worker._POLL_SECONDS = 1  # who is told to stop waits for the answer
    stored.EVERY = timedelta(0)
    worker._LONGEST_PAUSE = 1
    converting._BACKOFF = (1, 1, 1, 1)
    sweeping._SHORT = timedelta(seconds=1)
    sweeping._HOLD = timedelta(seconds=3)
    sweeping.start = functools.partial(sweeping.start, every=1)


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "videoshare.settings")
    django.setup()
    at = sys.argv.index("--")
    hurry()
    for each in sys.argv[1:at]:
        word, _, times = each.partition(" ")
        if word == "again":
            live_again(int(times))
        else:
            meet(each)
    sys.exit(main(sys.argv[at + 1 :]))
