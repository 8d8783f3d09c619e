"""`manage.py reconvert`: convert again what was converted before."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from contests.models import Contest, Entry
from contests.reconverting import Outcome, reconvert


class Command(BaseCommand):
    """Queues a new conversion of each chosen entry; what is published stays until it is done."""

    help = "Convert entries again, from their originals; the old files serve until the new are in."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take exactly one choice of entries, and limits to it."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--contest", metavar="ADDRESS", help="all entries of this contest")
        which.add_argument("--entry", type=int, nargs="+", metavar="ID", help="these entries")
        which.add_argument("--all", action="store_true", help="all entries")
        parser.add_argument(
            "--before",
            type=_date,
            metavar="DATE",
            help="only what has not been converted since, for example 2026-11-20 or "
            "2026-11-20T18:00+01:00 (without a zone: UTC)",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        """Queue them, say what was not queued and why, and how many were."""
        entries = _chosen(options["contest"], options["entry"])
        if options["before"]:
            entries = entries.exclude(conversions__finished_at__gte=options["before"])
        queued, impossible = 0, False
        for entry in entries.select_related("upload").order_by("pk"):
            outcome = reconvert(entry, dry_run=options["dry_run"])
            queued += outcome == Outcome.QUEUED
            impossible |= outcome in {Outcome.WITHDRAWN, Outcome.NO_SOURCE}
            if outcome != Outcome.QUEUED:
                self.stdout.write(f"entry {entry.pk}: {outcome}")
        self.stdout.write(f"{'would queue' if options['dry_run'] else 'queued'}: {queued}")
        if options["entry"] and impossible:
            raise CommandError("not all of these entries can be converted again")


def _chosen(contest: str | None, ids: list[int] | None) -> QuerySet[Entry]:
    """Return the entries that were asked for. Raises CommandError for what does not exist."""
    if contest is not None:
        found = Contest.objects.filter(url=contest).first()
        if found is None:
            raise CommandError(f"there is no contest {contest!r}")
        return found.entries.filter(withdrawn_at=None)
    if ids is None:
        return Entry.objects.filter(withdrawn_at=None)
    named = Entry.objects.filter(pk__in=ids)
    if unknown := sorted(set(ids) - set(named.values_list("pk", flat=True))):
        raise CommandError(f"there is no entry {', '.join(map(str, unknown))}")
    return named


def _date(text: str) -> datetime:
    date = datetime.fromisoformat(text)
    return date if date.tzinfo else timezone.make_aware(date)
