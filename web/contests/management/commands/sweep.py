"""`manage.py sweep`: do now what web instances and workers do every few seconds."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from contests import sweeping


class Command(BaseCommand):
    """Sweeps once."""

    help = "Take back expired leases, send unsent mail, ring for lost messages, drop leftovers."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep and print what was done."""
        swept = sweeping.sweep()
        if swept is None:
            self.stdout.write("another process is sweeping")
            return
        self.stdout.write(" ".join(f"{name}={count}" for name, count in asdict(swept).items()))
