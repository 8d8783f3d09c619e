"""`manage.py suppressed`: addresses that get no mail since it bounced or its reader complained."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backends import suppression
from backends.models import Suppressed


class Command(BaseCommand):
    """Counts them, or lets one have mail again. Which they are is not kept."""

    help = "Count the addresses that get no mail, or let one have it again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address to remove."""
        parser.add_argument(
            "--remove",
            metavar="ADDRESS",
            help="an international domain in its ASCII form (xn--…); remove it from SES's own"
            " suppression list as well",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print. Raises CommandError when the address is not on the list."""
        if options["remove"] and not suppression.forgive(options["remove"]):
            raise CommandError("that address is not suppressed")
        self.stdout.write(f"suppressed: {Suppressed.objects.count()}")
