"""Submit without end while workers die and stand still and the network fails.

Everything random comes from one seed, which is printed: `SEED=S` repeats the same faults, though
processes never run twice at the same pace. The last line tells what came of it.

The pauses between tries, in life up to five minutes, are a second here, so that now and then five
faults in a row meet one video by chance. What they made DEAD is tried again, as ops would; stuck is
what even that does not bring to an end.

Workers are not disturbed in the moment in which a mail has left and is not marked yet: from that
nobody recovers without a second mail, and test_killed.py shows that it is only one.
"""

import fcntl
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Q

from contests import converting
from contests.models import Conversion, Entry, State
from tests.faults.world import Process, World
from tests.proxy import Proxy

WORKERS = 4
_CLIPS = ("flv_h264_aac", "wmv2", "mp4", "webm")
_MOST_WAITING = 6  # conversions; more would only wait
_PAUSE = 1.0  # seconds between two faults in the mean
_SETTLING = 180  # seconds


@dataclass
class Outcome:
    """What a soak did, and what went wrong."""

    seed: int
    kills: int = 0
    entries: int = 0
    lost: int = 0
    doubled: int = 0
    stuck: int = 0
    duplicate_mails: int = 0

    def __str__(self) -> str:
        return (
            f"lost {self.lost}, doubled {self.doubled}, stuck {self.stuck}, "
            f"duplicate mails {self.duplicate_mails} "
            f"({self.kills} kills, {self.entries} entries, seed {self.seed})"
        )


class Soak:
    """Disturbs a world's workers and its network, one fault after the other."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._random = random.Random(seed)
        self._outcome = Outcome(seed)
        self._mailing = Path(settings.DATA, "mailing")
        self._mailing.touch()
        self._workers: list[Process] = []
        self._frozen: dict[Process, float] = {}  # and when they go on, on time.monotonic()
        self._broken: dict[Proxy, float] = {}  # and when they are mended

    def run(self, seconds: float) -> Outcome:
        """Submit and disturb for `seconds`, let the rest end in peace, and count."""
        end = time.monotonic() + seconds
        kinds = (self._kill, self._kill, self._freeze, self._break)
        while time.monotonic() < end:
            self._keep_up()
            self._random.choice(kinds)()
            threading.Event().wait(self._random.uniform(0, 2 * _PAUSE))
        self._restore(everything=True)
        self._start_missing()
        with suppress(TimeoutError):  # what is not settled then is counted as stuck
            self._world.settle(_SETTLING)
            self._redrive()
            self._world.settle(_SETTLING)
        self._world.stop()
        return self._count()

    def _keep_up(self) -> None:
        self._restore()
        self._start_missing()
        self._redrive()
        unfinished = Conversion.objects.filter(state__in=(State.QUEUED, State.RUNNING)).count()
        for _ in range(_MOST_WAITING - unfinished):
            self._world.submit(self._random.choice(_CLIPS))
            self._outcome.entries += 1

    def _start_missing(self) -> None:
        self._workers = [each for each in self._workers if each.poll() is None]
        for _ in range(WORKERS - len(self._workers)):
            worker = self._world.start(f"around contests.notifying:_send * lock={self._mailing}")
            self._workers.append(worker)

    def _redrive(self) -> None:
        converting.redrive(Conversion.objects.filter(state=State.DEAD))

    def _kill(self) -> None:
        with self._no_mail_leaving():
            worker = self._random.choice(self._workers)
            self._frozen.pop(worker, None)
            worker.kill()
            worker.wait()
        self._outcome.kills += 1

    def _freeze(self) -> None:
        with self._no_mail_leaving():
            worker = self._random.choice(self._workers)
            worker.send_signal(signal.SIGSTOP)
        self._frozen.setdefault(worker, time.monotonic() + self._random.uniform(0.5, 10))

    def _break(self) -> None:
        system = self._world.system
        assert system  # only there the network can fail
        part = self._random.choice((system.database, system.queue, system.bucket))
        with self._no_mail_leaving():
            self._random.choice((part.cut, part.clog))()
        self._broken.setdefault(part, time.monotonic() + self._random.uniform(0.2, 4))

    def _restore(self, everything: bool = False) -> None:
        now = time.monotonic()
        for part in [each for each, end in self._broken.items() if everything or end < now]:
            del self._broken[part]
            part.mend()
        for worker in [each for each, end in self._frozen.items() if everything or end < now]:
            del self._frozen[worker]
            worker.send_signal(signal.SIGCONT)

    @contextmanager
    def _no_mail_leaving(self) -> Iterator[None]:
        with self._mailing.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _count(self) -> Outcome:
        outcome = self._outcome
        ended = (State.SUCCEEDED, State.FAILED, State.CANCELLED)
        outcome.stuck = Conversion.objects.exclude(state__in=ended).count()
        outcome.lost = outcome.entries - Entry.objects.filter(published__isnull=False).count()
        outcome.lost -= outcome.stuck
        sets = Count("conversions", filter=Q(conversions__state=State.SUCCEEDED))
        outcome.doubled = Entry.objects.annotate(sets=sets).filter(sets__gt=1).count()
        mails = self._world.mails()
        own = set(Entry.objects.values_list("email", flat=True))
        outcome.duplicate_mails = sum(
            count - 1 for (address, _), count in mails.items() if address in own
        )
        return outcome
