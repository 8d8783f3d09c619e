"""`manage.py invalidate PATH…`: have CloudFront forget what it keeps."""

import re
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Asks for an invalidation, as after a deletion that CloudFront was not told of."""

    help = "Have CloudFront forget objects: /contests/1b2c….jpg, or all of them: /contests/*"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the paths."""
        parser.add_argument("paths", nargs="+", metavar="PATH", help="begins with /")

    def handle(self, *, paths: list[str], **options: Any) -> None:
        """Ask, and print an id for every thousand paths."""
        from backends import cdn

        if wrong := [path for path in paths if not re.fullmatch(r"/[!-~]*", path)]:
            raise CommandError(f"not a path that begins with /: {wrong[0]!r}")
        if not settings.CDN_URL:
            raise CommandError("no CloudFront here: cf_url is empty")
        try:
            ids = cdn.create_invalidations(paths)
        except cdn.NotInvalidated as error:
            raise CommandError(str(error)) from error
        self.stdout.write("\n".join(ids))
