"""`manage.py reset`: empty the one-machine data."""

import shutil
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Deletes the database, media, mail and work folders, after asking."""

    help = "Delete all data of the one-machine mode (asks first)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the answer beforehand."""
        parser.add_argument("--yes", action="store_true", help="don't ask")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask and delete; what we did not make stays."""
        # With [SECRETS] configured no command gets here: the configuration is refused.
        try:
            sure = options["yes"] or input(f"Delete all data in {settings.DATA}? [y/N] ") == "y"
        except EOFError:
            sure = False
        if not sure:
            raise CommandError("nothing was deleted")
        for path in settings.DATA.glob("db.sqlite3*"):
            path.unlink()
        for folder in (settings.MEDIA_ROOT, settings.WORK_ROOT, settings.MAIL_ROOT):
            shutil.rmtree(folder, ignore_errors=True)
        self.stdout.write("all data deleted")
