"""`manage.py sweep`: do now what web instances and workers do every few seconds."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from contests import nameless, sweeping
from contests.models import Nameless


class Command(BaseCommand):
    """Sweeps once."""

    help = "Take back expired leases, send unsent mail, ring for lost messages, drop leftovers."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the word of ops."""
        parser.add_argument(
            "--delete-nameless",
            action="store_true",
            help="only this: delete files that nothing has named for a day, however many they are",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep and print what was done."""
        if options["delete_nameless"]:
            self._delete_nameless()
            return
        swept = sweeping.sweep()
        if swept is None:
            self.stdout.write("another process is sweeping")
            return
        self.stdout.write(" ".join(f"{name}={count}" for name, count in asdict(swept).items()))

    def _delete_nameless(self) -> None:
        total = 0
        while count := nameless.delete(even_many=True):
            total += count
        left = Nameless.objects.count()
        self.stdout.write(f"deleted: {total}; not yet: {left}")
