"""`manage.py conversions`: what the fleet has to do, and what went wrong."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from backends import queue
from contests.models import Conversion, State


class Command(BaseCommand):
    """Prints counts by state, then each conversion that is not finished well."""

    help = "List conversions: state, age, attempts, failures."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take filters."""
        parser.add_argument(
            "--all", action="store_true", help="list the successful and cancelled ones too"
        )
        parser.add_argument("--state", choices=State.values, help="list this state only")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print."""
        for state in State:
            count = Conversion.objects.filter(state=state).count()
            self.stdout.write(f"{state:<10} {count:>7}")
        self.stdout.write(f"messages: {queue.depth()}")
        rows = Conversion.objects.order_by("queued_at", "pk")
        if options["state"]:
            rows = rows.filter(state=options["state"])
        elif not options["all"]:
            rows = rows.exclude(state__in=(State.SUCCEEDED, State.CANCELLED))
        now = timezone.now()
        if rows.exists():
            self.stdout.write(f"{'id':>6} {'entry':>6} {'state':<10} {'age s':>8} try fail  %  why")
        for row in rows.iterator():
            age = (now - row.queued_at).total_seconds()
            self.stdout.write(
                f"{row.pk:>6} {row.entry_id:>6} {row.state:<10} {age:>8.0f} {row.attempt:>3}"
                f" {row.failures:>4} {row.percent:>2}  {row.reason or row.error[:60]}".rstrip()
            )
