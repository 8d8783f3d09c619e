"""The worker: takes messages, converts what they point to, tells the database how it ended."""

import logging
import os
import random
import shutil
import signal
import threading
import time
import traceback
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection
from structlog.contextvars import bind_contextvars, clear_contextvars

from backends import queue, storage
from backends.instance import instance_id
from contests import converting, sweeping
from contests.reasons import Refused
from workerjob.convert import Cancelled, Converted, Tools, convert
from workerjob.lease import Lease
from workerjob.reporting import Reporter
from workerjob.telling import Course, in_context

logger = logging.getLogger(__name__)

_TICK_SECONDS = 0.1
_POLL_SECONDS = 20  # how long one question to the queue may last: SQS's longest
_SHORTEST_PAUSE, _LONGEST_PAUSE = 1, 30  # seconds, after a queue that did not answer
_PREFIX = {"mp4": storage.VIDEOS, "poster": storage.POSTERS, "share": storage.POSTERS}


class Worker:
    """Runs up to `concurrency` conversions at the same time.

    SIGTERM stops receiving and leaves `grace` seconds to finish; a second one, or SIGINT, gives
    everything back at once, so that another worker can go on within seconds.
    """

    def __init__(self, tools: Tools, concurrency: int = 1, grace: float = 60) -> None:
        self.tools = tools
        self.concurrency = concurrency
        self.grace = grace
        self.name = f"{instance_id()}-{os.getpid()}"
        self.folder = Path(settings.WORK_ROOT, str(os.getpid()))
        self._leases: set[Lease] = set()
        self._jobs: set[Future[None]] = set()
        self._starting = threading.Lock()
        self._stopping = threading.Event()
        self._deadline: float | None = None  # on time.monotonic(), once stopping

    def listen_to_signals(self) -> None:
        """Make SIGTERM and SIGINT stop this worker."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        hurry = number == signal.SIGINT or self._stopping.is_set()
        self._deadline = time.monotonic() + (0 if hurry else self.grace)
        self._stopping.set()

    def run(self, burst: bool = False) -> None:
        """Work until told to stop; with `burst`, until no message is waiting."""
        _clear_dead_predecessors()
        if not burst:
            sweeping.start(self._stopping)
        logger.info("worker %s is ready, %s at a time", self.name, self.concurrency)
        with ThreadPoolExecutor(self.concurrency, thread_name_prefix="job") as pool:
            # A thread of its own, which a stop need not wait for: it may be listening to the queue.
            receiver = threading.Thread(
                target=self._receive, args=(pool, burst), name="receiver", daemon=True
            )
            receiver.start()
            while receiver.is_alive() and not self._stopping.is_set():
                receiver.join(_TICK_SECONDS)
            self._drain()
        shutil.rmtree(self.folder, ignore_errors=True)
        logger.info("worker %s has stopped", self.name)

    def _receive(self, pool: ThreadPoolExecutor, burst: bool) -> None:
        """Hand messages to the pool, never more than it has free threads, until told to stop."""
        pause = _SHORTEST_PAUSE
        while not self._stopping.is_set():
            running = self._running()
            if len(running) >= self.concurrency:
                wait(running, _TICK_SECONDS, FIRST_COMPLETED)
                continue
            try:
                close_old_connections()
                _ask_around()
                free = self.concurrency - len(running)
                visibility = settings.LEASE_SECONDS + 1
                messages = queue.receive(free, visibility, wait=0 if burst else _POLL_SECONDS)
            except Exception:  # what is down comes back; the worker waits, ever longer
                logger.exception("the database, the storage or the queue does not answer")
                connection.close()
                if burst:
                    break
                self._stopping.wait(pause * random.uniform(0.5, 1))  # noqa: S311
                pause = min(2 * pause, _LONGEST_PAUSE)
                continue
            pause = _SHORTEST_PAUSE
            self._start(pool, messages)
            if burst and not messages:
                if not running:
                    break
                wait(running, _TICK_SECONDS, FIRST_COMPLETED)
        connection.close()

    def _start(self, pool: ThreadPoolExecutor, messages: list[queue.Message]) -> None:
        with self._starting:  # so that none starts behind the back of a stop
            if not self._stopping.is_set():
                self._jobs |= {pool.submit(self._handle, message) for message in messages}
                return
        for message in messages:
            queue.extend(message.handle, 0)

    def _running(self) -> set[Future[None]]:
        with self._starting:
            self._jobs = {job for job in self._jobs if not job.done()}
            return set(self._jobs)

    def _drain(self) -> None:
        """Wait for the jobs until the deadline, then give back what is left."""
        while running := self._running():
            if self._deadline is not None and time.monotonic() >= self._deadline:
                for lease in list(self._leases):
                    lease.stop.set()
            wait(running, _TICK_SECONDS, FIRST_COMPLETED)

    def _handle(self, message: queue.Message) -> None:
        try:
            self._process(message)
        except Exception:  # the message comes back: nothing is lost
            logger.exception("a message was not handled")
        finally:
            clear_contextvars()
            connection.close()  # this thread's own; the pool's threads idle for long

    def _process(self, message: queue.Message) -> None:
        number = message.body.get("conversion") if isinstance(message.body, dict) else None
        if type(number) is not int:  # a bool is an int too
            logger.error("a message without a conversion goes to the dead letters")
            queue.bury(message)
            return
        bind_contextvars(worker=self.name, conversion=number)
        claim = converting.claim(number, self.name)
        if claim is None:
            # Ended, deleted, or under another's live lease, which the sweeper looks after.
            queue.delete(message.handle)
            return
        bind_contextvars(entry=claim.entry_id, attempt=claim.attempt)
        connection.close()  # conversions are long; what comes after must not find it dead
        lease = Lease(claim, message.handle)
        self._leases.add(lease)
        try:
            with lease.held():
                again_after = self._convert(lease)
        finally:
            self._leases.discard(lease)
        if lease.lost:
            return  # whoever has it now, or the sweeper, sees to the message
        if again_after is None:
            queue.delete(message.handle)
        else:
            queue.extend(message.handle, again_after)

    def _convert(self, lease: Lease) -> float | None:
        """Do one conversion. Returns the seconds until it should be tried again, None for never."""
        claim = lease.claim
        course, reporter = Course(claim), Reporter(lease)

        def heard(stage: str, share: float) -> None:
            course.began(stage)
            reporter.heard(stage, share)

        folder = self.folder / f"{claim.id}-{claim.attempt}"
        try:
            folder.mkdir(parents=True)
            source = folder / "source"
            course.began("fetch")
            storage.fetch(claim.source_key, source, claim.source_version)
            out = folder / "out"
            out.mkdir()
            converted = convert(
                source, out, self.tools, in_context(heard), lease.stop, reporter.planned
            )
            course.began("store")
            published = self._publish(lease, converted)
        except Refused as refused:
            if converting.refuse(claim, refused.code):
                course.ended("refused", refused.code)
            return None
        except Cancelled:
            converting.release(claim)  # changes nothing if the lease is lost
            return 0
        except Exception as error:  # whatever went wrong is ours: try again
            course.ended("failed", type(error).__name__)
            last = traceback.extract_tb(error.__traceback__)[-1]
            return converting.fail(claim, f"{type(error).__name__}: {error} ({last.name})")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        course.ended("finished" if published else "late", converted=converted)
        return None

    def _publish(self, lease: Lease, converted: Converted) -> bool:
        """Store the files under new keys, then name them in one transaction; False: too late."""
        rows: list[dict[str, Any]] = []
        try:
            numbers: Counter[str] = Counter()
            for made in converted.renditions:
                key = storage.new_key(_PREFIX[made.kind], made.path.suffix)
                rows.append(
                    {
                        "kind": made.kind,
                        "number": numbers[made.kind],
                        "key": key,
                        "codec": made.codec,
                        "width": made.width,
                        "height": made.height,
                        "duration": made.duration or None,
                        "size": made.bytes,
                    }
                )
                numbers[made.kind] += 1
                storage.put(made.path, key)
        except BaseException:
            storage.delete(*(row["key"] for row in rows), unseen=True)
            raise
        # Should this fail, nobody knows whether it was committed: then the files stay.
        published = converting.finish(lease.claim, rows, converted.partial)
        if not published:
            storage.delete(*(row["key"] for row in rows), unseen=True)
        return published


def _ask_around() -> None:
    """Raise when no conversion could be done now: then the messages had better stay in the queue.

    Each that is received in vain is a step towards the dead letters, each failure one towards DEAD.
    """
    with connection.cursor():
        pass
    storage.check()


def _clear_dead_predecessors() -> None:
    """Remove the work folders of workers of this machine that no longer live."""
    for folder in Path(settings.WORK_ROOT).glob("[0-9]*"):
        if not Path("/proc", folder.name).exists():
            shutil.rmtree(folder, ignore_errors=True)
