"""`manage.py restore`: a backup in the place of all data of one machine."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backends import backups, restoring


class Command(BaseCommand):
    """Asks, checks the whole backup and swaps it in; else changes nothing."""

    help = "Put a backup in the place of all data (asks first)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the backup, and the answer beforehand."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--yes", action="store_true", help="don't ask")

    def handle(self, **options: Any) -> None:
        """Ask and restore. Raises CommandError."""
        if not backups.possible():
            raise CommandError(
                "The data are not on this machine: restore RDS's snapshot and S3's versions."
            )
        path: Path = options["file"]
        question = f"Replace all data in {settings.DATA} by {path.name}? [y/N] "
        try:
            sure = options["yes"] or input(question) == "y"
        except EOFError:
            sure = False
        if not sure:
            raise CommandError("Nothing was changed.")
        try:
            restoring.decide(path)
        except BlockingIOError as error:
            raise CommandError("Nothing was changed: stop the running VideoShare first.") from error
        except (backups.Unusable, OSError) as error:
            raise CommandError(f"Nothing was changed: {error}") from error
        try:
            restoring.finish()
        except OSError as error:
            raise CommandError(f"Not all in place yet, any command goes on: {error}") from error
        self.stdout.write(f"restored from {path.name}")
