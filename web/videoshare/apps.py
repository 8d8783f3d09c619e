"""The project as an app: it carries the frame template, the checks and the `serve` command."""

import logging

from django.apps import AppConfig
from django.conf import settings

logger = logging.getLogger(__name__)


class VideoShareConfig(AppConfig):
    name = "videoshare"

    def ready(self) -> None:
        """Register the system checks; say what was found before there was a log."""
        from videoshare import checks  # noqa: F401  (importing registers)

        for key in settings.CONFIG.unknown:
            secret = settings.CONFIG.secret_name
            logger.warning("the secret %s: %s is not a setting", secret, key)
