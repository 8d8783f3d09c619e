"""`manage.py rehearse`: play a contest through before a real one opens."""

import argparse
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db.models import Q

from backends.instance import instance_id
from contests import rehearsing, sample_clips
from contests.converting import MAX_FAILURES
from contests.models import Conversion, State
from contests.rehearsing import Rehearsal
from videoshare.children import Child, stop_all

_TICK = 0.2  # seconds between two looks
_TELL = 5.0  # seconds between two lines of progress
_CLIP_SECONDS = 2
_VOTERS = 20  # between two looks
_GRACE = 20.0  # seconds our workers have to stop


class Command(BaseCommand):
    """Submits, kills workers, votes, waits, counts and clears away; 1 when anything is wrong."""

    help = (
        "Play a contest through on this very system: entries in old formats, workers that are "
        "killed on the way, votes. Says what was lost or doubled and how long it took, and "
        "deletes what it made."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take sizes and times."""
        parser.add_argument("--entries", type=_positive, default=50)
        parser.add_argument("--voters", type=int, default=500, help="each with up to five votes")
        parser.add_argument(
            "--workers",
            type=int,
            default=2,
            help="started here for the time being, beside those that run already",
        )
        parser.add_argument(
            "--kill-every", type=_seconds, metavar="20s", help="kill one of these so often"
        )
        parser.add_argument("--timeout", type=_seconds, default="30m", help="then give up (30m)")
        parser.add_argument(
            "--mail-to",
            type=_address,
            metavar="YOU@HOST",
            help="who gets the participants' mail, over SMTP",
        )
        parser.add_argument(
            "--clear", action="store_true", help="first delete what an interrupted one left behind"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rehearse. Raises CommandError when something was lost, doubled or left lying."""
        if options["kill_every"] and options["workers"] < 1:
            raise CommandError("--kill-every kills workers of the rehearsal's own: give --workers")
        mail_to = options["mail_to"] or rehearsing.mailbox()
        if not mail_to:
            raise CommandError("mail goes out by SMTP: give --mail-to an address of yours")
        signal.signal(signal.SIGTERM, _stop)
        if options["clear"]:
            rehearsing.clear()
        workers = _workers(options["workers"])
        try:
            with rehearsing.rehearsal(mail_to) as rehearsal:
                try:
                    self._rehearse(rehearsal, workers, options)
                    report = rehearsal.report()
                finally:
                    stop_all(workers)  # before their work is deleted below them
        except rehearsing.UnderWay as error:
            text = "a rehearsal is under way, or was interrupted: then give --clear"
            raise CommandError(text) from error
        self.stdout.write(str(report))
        if not report.fine:
            raise CommandError("the rehearsal went wrong")

    def _rehearse(
        self, rehearsal: Rehearsal, workers: list[Child], options: dict[str, Any]
    ) -> None:
        entries, voters = options["entries"], options["voters"]
        with tempfile.TemporaryDirectory() as folder:
            clips = list(sample_clips.make(Path(folder), _CLIP_SECONDS))
            rehearsal.submit(clips, entries)
        voted = kills = 0
        began = told = killed = time.monotonic()
        while time.monotonic() < began + options["timeout"]:
            for worker in workers:
                worker.tick()
            now, every = time.monotonic(), options["kill_every"]
            if every and now >= killed + every and (victims := _victims(workers, rehearsal)):
                random.choice(victims).restart(signal.SIGKILL)  # noqa: S311
                killed, kills = now, kills + 1
            states = rehearsal.states()
            # They come as there is more and more to see.
            come = min(voted + _VOTERS, voters * states[State.SUCCEEDED] // entries)
            rehearsal.vote(come - voted)
            if come == voted and rehearsal.ended():
                break
            voted = come
            if now >= told + _TELL:
                self._tell(states, kills)
                told = now
            time.sleep(_TICK)
        self._tell(rehearsal.states(), kills)

    def _tell(self, states: Counter[State], kills: int) -> None:
        counts = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        self.stdout.write(f"{counts}; {kills} workers killed")
        self.stdout.flush()


def _workers(count: int) -> list[Child]:
    words = [sys.executable, "-m", "workerjob", "--grace", "5"]
    return [Child("worker", words, dict(os.environ), grace=_GRACE) for _ in range(count)]


def _victims(workers: list[Child], rehearsal: Rehearsal) -> list[Child]:
    """The workers that may be killed.

    A conversion whose worker dies too often is given up; and what is not the rehearsal's, a real
    participant waits for.
    """
    precious = Q(failures__gte=MAX_FAILURES - 2) | ~Q(entry__contest=rehearsal.contest)
    spared = Conversion.objects.filter(precious, state=State.RUNNING)
    held = set(spared.values_list("worker", flat=True))
    names = {f"{instance_id()}-{each.process.pid}": each for each in workers if each.process}
    return [each for name, each in names.items() if name not in held]


def _stop(*_: object) -> None:
    raise SystemExit(1)  # on the way out, all is cleared away


def _address(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError("not an e-mail address") from error
    return text


def _positive(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return int(text)


def _seconds(text: str) -> float:
    """Read "20s", "5m", "1h" or plain seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if not found or not float(found[1]):
        raise argparse.ArgumentTypeError("a time such as 20s or 5m")
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]
