"""`manage.py submit_entry`: submit a file for somebody."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from contests import submitting
from contests.models import Contest, Entry
from contests.reasons import Refused, text


class Command(BaseCommand):
    """Submits a local file, whatever the contest's dates, and prints the entry's id and page."""

    help = "Submit FILE to the contest with the address CONTEST."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what the form asks for."""
        parser.add_argument("contest", help="the contest's address, as in /concurso/<address>/")
        parser.add_argument("file", type=Path)
        parser.add_argument("--title", required=True)
        parser.add_argument("--email", required=True)
        parser.add_argument("--description", default="")
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")
        parser.add_argument("--language", choices=dict(settings.LANGUAGES), default="es")

    def handle(self, *args: Any, **options: Any) -> None:
        """Submit; every refusal is one line and exit status 1."""
        contest = Contest.objects.filter(url=options["contest"]).first()
        if contest is None:
            raise CommandError(f"there is no contest {options['contest']!r}")
        about = {
            name: options[name]
            for name in ("title", "description", "first_name", "last_name", "email")
        }
        try:
            validate_email(about["email"])
            Entry(contest=contest, language=options["language"], **about).clean_fields(
                exclude=["upload", "published", "withdrawn_at", "first_name", "last_name"]
            )
            entry = submitting.submit_file(
                contest, options["file"], language=options["language"], **about
            )
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        except Refused as refused:
            raise CommandError(text(refused.code, options["language"])) from refused
        except OSError as error:
            raise CommandError(f"the file can't be read: {error.strerror}") from error
        self.stdout.write(f"{entry.pk} {settings.WEB_URL}{entry.manage_url}")
