"""The outside world, each part behind one small interface with its embedded default."""

from django.apps import AppConfig


class BackendsConfig(AppConfig):
    name = "backends"
