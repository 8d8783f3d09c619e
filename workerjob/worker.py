"""The worker: takes messages, converts what they point to, tells the database how it ended."""

import logging
import math
import os
import random
import shutil
import signal
import threading
import time
import traceback
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections, connection
from structlog.contextvars import bind_contextvars, clear_contextvars

from backends import queue, storage
from backends.instance import instance_id
from contests import converting, sweeping
from contests.reasons import Refused
from workerjob import digest, presence, workfolder
from workerjob.convert import Cancelled, Tools, convert
from workerjob.lease import Lease
from workerjob.notices import Notice, Notices
from workerjob.publishing import publish
from workerjob.reporting import Reporter
from workerjob.telling import Course, in_context

logger = logging.getLogger(__name__)

_TICK_SECONDS = 0.1
_POLL_SECONDS = 20  # how long one question to the queue may last: SQS's longest
_LAST_POLL_SECONDS = 2  # what it may still last when nothing else is left to do
_SHORTEST_PAUSE, _LONGEST_PAUSE = 1, 30  # seconds, after faults


class Worker:
    """Runs up to `concurrency` conversions at the same time.

    SIGTERM stops receiving and leaves `grace` seconds to finish; a second one, or SIGINT, gives
    everything back at once, so that another worker can go on within seconds. EC2's notices do the
    same, except that the worker lives on: should they be taken back, it receives again.
    """

    def __init__(self, tools: Tools, concurrency: int = 1, grace: float = 60) -> None:
        self.tools = tools
        self.concurrency = concurrency
        self.grace = grace
        self.name = f"{instance_id()}-{os.getpid()}"
        self.notices = Notices()
        self._folder = Path()
        self._leases: set[Lease] = set()
        self._jobs: set[Future[None]] = set()
        self._starting = threading.Lock()
        # A list, no Event: the main thread holds an Event's lock now and then, and a handler that
        # interrupts it just then would wait for ever.
        self._signals: list[int] = []
        self._stopping = threading.Event()
        self._deadline = math.inf  # on time.monotonic(): then what is left is given back
        self._faults = 0  # of ours, in a row
        self._resting = False  # since a notice came, and no question to the queue is open any more

    def run_in_process(self, burst: bool = False) -> None:
        """Be what this process is for: run, and let SIGTERM and SIGINT stop it."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _: self._signals.append(number))
        self.run(burst)
        for number in (signal.SIGTERM, signal.SIGINT):
            # As Python ends it takes the handlers back: one more signal would look like a crash.
            signal.signal(number, signal.SIG_IGN)

    def run(self, burst: bool = False) -> None:
        """Work until told to stop; with `burst`, until no message is waiting."""
        with (
            workfolder.own(settings.WORK_ROOT) as self._folder,
            presence.told(self.name, self.concurrency, self._is_draining),
        ):
            if not burst:
                sweeping.start(self._stopping)
                self.notices.start(self._stopping, self._is_idle)
            logger.info("worker %s is ready, %s at a time", self.name, self.concurrency)
            with ThreadPoolExecutor(self.concurrency, thread_name_prefix="job") as pool:
                # A thread of its own, which may be listening to the queue when we are to stop.
                receiver = threading.Thread(
                    target=self._receive, args=(pool, burst), name="receiver", daemon=True
                )
                receiver.start()
                while not self._is_over(receiver):
                    self._heed()
                    # Whichever ends last is waited for, and no longer than it takes.
                    if receiver.is_alive():
                        receiver.join(_TICK_SECONDS)
                    else:
                        wait(self._running(), _TICK_SECONDS)
            self._stopping.set()
        logger.info("worker %s has stopped", self.name)

    def _is_draining(self) -> bool:
        return self._stopping.is_set() or bool(self.notices.latest)

    def _is_idle(self) -> bool:
        """Say whether this instance may go: none of its workers has anything under way."""
        try:
            rests = self._resting and not self._running()
            return rests and not converting.is_busy(instance_id())
        finally:
            connection.close()  # the notices' own

    def _is_over(self, receiver: threading.Thread) -> bool:
        if self._running():
            return False
        # Not before the last poll is: a message that comes to who has gone stays hidden for long.
        late = self._stopping.is_set() and time.monotonic() > self._deadline + _LAST_POLL_SECONDS
        return late or not receiver.is_alive()

    def _heed(self) -> None:
        """Do what signals and notices ask for."""
        notice = self.notices.latest
        if self._signals:
            self._stopping.set()
        elif not notice:
            self._deadline = math.inf
            return
        again = len(self._signals) > 1 or signal.SIGINT in self._signals
        grace = 0 if again or notice is Notice.INTERRUPTED else self.grace
        self._deadline = min(self._deadline, time.monotonic() + grace)
        if time.monotonic() >= self._deadline:
            for lease in list(self._leases):
                lease.end()

    def _receive(self, pool: ThreadPoolExecutor, burst: bool) -> None:
        """Hand messages to the pool, never more than it has free threads, until told to stop."""
        unanswered = 0  # in a row
        while not self._stopping.is_set():
            running = self._running()
            if len(running) >= self.concurrency:
                wait(running, _TICK_SECONDS, FIRST_COMPLETED)
                continue
            self._resting = False
            if self.notices.latest:
                self._resting = True
                self._stopping.wait(_TICK_SECONDS)
                continue
            began = time.monotonic()
            try:
                close_old_connections()
                _ask_around()
                free = self.concurrency - len(running)
                visibility = settings.LEASE_SECONDS + 1
                poll = 0 if burst else _POLL_SECONDS
                messages = queue.receive(free, visibility, poll, self._stopping)
                self._start(pool, messages)
                unanswered = 0
            except Exception:  # what is down comes back; the worker waits, ever longer
                logger.exception("the database, the storage or the queue does not answer")
                connection.close()
                unanswered += 1
                messages = []
            if burst:
                if not messages and (unanswered or not running):
                    break
                wait(running, _TICK_SECONDS, FIRST_COMPLETED)
            else:
                self._pause(max(unanswered, self._faults), began, messages)
        connection.close()

    def _pause(self, faults: int, began: float, messages: list[queue.Message]) -> None:
        """Wait ever longer after faults in a row, ours or others'; never two workers in step.

        Whatever is wrong then costs few messages. Nor is a queue asked all the time that says at
        once that there is nothing.
        """
        if faults:
            pause = min(_SHORTEST_PAUSE * 2 ** min(faults - 1, 10), _LONGEST_PAUSE)
            self._stopping.wait(pause * random.uniform(0.5, 1))  # noqa: S311
        elif not messages:
            self._stopping.wait(began + _SHORTEST_PAUSE - time.monotonic())

    def _start(self, pool: ThreadPoolExecutor, messages: list[queue.Message]) -> None:
        with self._starting:  # so that none starts behind the back of a stop
            if not self._is_draining():
                self._jobs |= {pool.submit(self._handle, message) for message in messages}
                return
        for message in messages:
            queue.give_back(message)

    def _running(self) -> set[Future[None]]:
        with self._starting:
            self._jobs = {job for job in self._jobs if not job.done()}
            return set(self._jobs)

    def _handle(self, message: queue.Message) -> None:
        try:
            self._process(message)
        except Exception:  # the message comes back: nothing is lost
            self._faults += 1
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
        since = time.monotonic()
        claim = converting.claim(number, self.name)
        if claim is None:
            # Ended, deleted, or under another's live lease, which the sweeper looks after.
            queue.delete(message.handle)
            return
        bind_contextvars(entry=claim.entry_id, attempt=claim.attempt)
        connection.close()  # conversions are long; what comes after must not find it dead
        lease = Lease(claim, message, since)
        self._leases.add(lease)
        try:
            with lease.held():
                again_after = self._convert(lease)
        except Cancelled:
            return  # given back or lost: whoever has it then, or the sweeper, sees to the message
        finally:
            self._leases.discard(lease)
        if again_after == math.inf:
            queue.delete(message.handle)
        elif not queue.extend(message.handle, again_after):
            # A queue that was silent for long gave it to another, who deleted it while we held on.
            converting.ring(number, again_after)

    def _convert(self, lease: Lease) -> float:
        """Do one conversion; return the seconds before the next try, `math.inf` for no more.

        Raises Cancelled when it is no longer ours to say: the row may wait, and its message is what
        another worker will hear of it.
        """
        claim = lease.claim
        course, reporter = Course(claim), Reporter(lease)

        def heard(stage: str, share: float) -> None:
            course.began(stage)
            reporter.heard(stage, share)

        folder = self._folder / f"{claim.id}-{claim.attempt}"
        try:
            folder.mkdir()
            source = folder / "source"
            course.began("fetch")
            storage.fetch(claim.source_key, source, claim.source_version, lease.stop)
            digest.keep(claim, source, lease.stop)
            course.began("probe")
            out = folder / "out"
            out.mkdir()
            tools = self.tools.up_to(claim.most_seconds)
            converted = convert(source, out, tools, in_context(heard), lease.stop, reporter.planned)
            course.began("store")
            published = publish(claim, converted, lease.stop)
        except Refused as refused:
            self._faults = 0
            if not converting.refuse(claim, refused.code):
                raise Cancelled from refused
            course.ended("refused", refused.code)
            return math.inf
        except Exception as error:
            if lease.stop.is_set():
                raise Cancelled from error  # that is what ended it
            # Whatever went wrong is ours: try again.
            if not (isinstance(error, FileNotFoundError) and course.stage == "fetch"):
                self._faults += 1  # an original that is gone says nothing about other videos
            course.ended("failed", type(error).__name__)
            last = traceback.extract_tb(error.__traceback__)[-1]
            text = f"{type(error).__name__}: {error} ({last.name})"
            again_after = converting.fail(claim, text)
            if again_after is None:
                raise Cancelled from error
            return again_after
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self._faults = 0
        course.ended("finished" if published else "late", converted=converted)
        if not published:
            raise Cancelled
        return math.inf


def _ask_around() -> None:
    """Raise when no conversion could be done now: then the messages had better stay in the queue.

    Each that is received in vain is a step towards the dead letters, each failure one towards DEAD.
    """
    with connection.cursor():
        pass
    storage.check()
