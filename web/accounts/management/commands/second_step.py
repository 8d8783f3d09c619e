"""`manage.py second_step --remove ADDRESS`: for who has lost their phone and all recovery codes."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """See the module's docstring; make sure first that it is they who ask."""

    help = "Take a person's authenticator app and recovery codes away: the password is enough again"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the person's e-mail address."""
        parser.add_argument("--remove", metavar="ADDRESS", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Remove them. Raises CommandError when there is nothing to remove."""
        mine = Authenticator.objects.filter(user__email=options["remove"].strip().lower())
        if not mine.delete()[0]:
            raise CommandError("nobody with this address has a second step")
        self.stdout.write("Removed. Staff set up a new one when they open a page of staff.")
