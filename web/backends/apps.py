"""The outside world, each part behind one small interface with its embedded default."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import pre_migrate


class BackendsConfig(AppConfig):
    name = "backends"

    def ready(self) -> None:
        """Register what must happen before a migration; finish an interrupted restoring."""
        from backends import restoring

        restoring.finish()
        pre_migrate.connect(_wait_without_limit, sender=self)


def _wait_without_limit(using: str, **_: Any) -> None:
    """Let a migration take its time: cut off, MySQL would finish it, and nobody would note it."""
    connection = connections[using]
    if connection.settings_dict["OPTIONS"].pop("read_timeout", None):
        connection.close()
