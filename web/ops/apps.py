"""The pages of those who run the site."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "ops"
