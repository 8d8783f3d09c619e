"""`manage.py verify_receipt`: say whether a receipt is ours."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contests import receipts


class Command(BaseCommand):
    """Prints what a receipt states, if it is ours and unchanged."""

    help = "Verify a participant's receipt."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a file, or what is piped in."""
        parser.add_argument("file", help="the receipt; - reads standard input")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        """Verify; exit status 1 when it is not ours."""
        try:
            given = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
            receipt = receipts.find(given[: receipts.MAX_BYTES].decode(errors="replace"))
        except OSError as error:
            raise CommandError(f"the file can't be read: {error.strerror}") from error
        except ValueError as error:
            raise CommandError("there is no receipt in it") from error
        if receipt is None:
            raise CommandError("this receipt is not ours, or it was changed")
        self.stdout.write(f"{receipts.text(receipt)}\nThis receipt is ours, and unchanged.")
