"""`manage.py backup`: all data of one machine in one file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backends import backups
from videoshare.config import ROOT


class Command(BaseCommand):
    """Writes a backup while the site runs, and prints its name."""

    help = "Write the database and all stored files into one file."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a name other than the usual."""
        parser.add_argument("file", nargs="?", type=Path, help="backups/videoshare-<UTC time>.tar")

    def handle(self, **options: Any) -> None:
        """Write it. Raises CommandError."""
        if not backups.possible():
            raise CommandError(
                "The data are not on this machine: RDS makes snapshots, and S3 keeps versions."
            )
        usual = f"videoshare-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar"
        target = (options["file"] or ROOT / "backups" / usual).absolute()
        try:
            backups.write(target)
        except backups.Unusable as error:
            raise CommandError(f"No backup was written: {error}.") from error
        except OSError as error:
            raise CommandError(f"No backup was written: {error}") from error
        self.stdout.write(f"{target}  {target.stat().st_size:,} bytes, read again and whole")
