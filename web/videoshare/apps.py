"""The project as an app: it carries the frame template, the checks and the `serve` command."""

from django.apps import AppConfig


class VideoShareConfig(AppConfig):
    name = "videoshare"

    def ready(self) -> None:
        """Register the system checks."""
        from videoshare import checks  # noqa: F401  (importing registers)
