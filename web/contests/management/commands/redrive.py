"""`manage.py redrive`: let ended conversions run again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backends import queue
from contests import converting
from contests.models import Conversion, Entry, State


class Command(BaseCommand):
    """Queues failed or dead conversions again, each with a fresh message."""

    help = "Queue failed (--failed), dead (--dead) or one entry's (--entry ID) conversions again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take exactly one choice."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--entry", type=int, help="the entry's id")
        which.add_argument("--failed", action="store_true", help="all refused conversions")
        which.add_argument("--dead", action="store_true", help="all that failed by our own fault")

    def handle(self, *args: Any, **options: Any) -> None:
        """Queue them and say how many."""
        if options["entry"] is not None:
            if not Entry.objects.filter(pk=options["entry"]).exists():
                raise CommandError(f"there is no entry {options['entry']}")
            rows = Conversion.objects.filter(entry_id=options["entry"])
        else:
            state = State.FAILED if options["failed"] else State.DEAD
            rows = Conversion.objects.filter(state=state)
        self.stdout.write(f"queued again: {converting.redrive(rows)}")
        if options["dead"]:
            self._revive_dead()

    def _revive_dead(self) -> None:
        try:
            moved = queue.revive_dead()
        except queue.NotMoved as error:
            raise CommandError(f"the dead letters stay where they are: {error}") from error
        if moved:
            self.stdout.write(f"dead letters moved back: {moved}")
