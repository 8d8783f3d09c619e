"""The domain: contests, entries, conversions, votes, and the verbs that change them."""

from django.apps import AppConfig


class ContestsConfig(AppConfig):
    name = "contests"
