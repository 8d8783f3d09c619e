"""`manage.py config`: what is in force, and where each value comes from."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from videoshare import config


class Command(BaseCommand):
    """Prints a line for each setting; secrets are masked."""

    help = "Show the configuration and where each value comes from."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        """Print the lines, in the order of `config.conf.example`."""
        found = config.current()
        for each in config.settings():
            value = getattr(found, each.name)
            if each.metadata.get("secret") and value:
                value = "********"
            elif each.name in found.malformed:
                value = f"({found.malformed[each.name]})"
            shown = "" if value is None else value
            origin = found.origins.get(each.name, "default")
            self.stdout.write(f"{each.name} = {shown}".rstrip() + f"  [{_plain(origin)}]")


def _plain(origin: str) -> str:
    return Path(origin).name if origin.startswith("/") else origin
