"""People who log in."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
