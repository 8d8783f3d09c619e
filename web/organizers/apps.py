"""The organizers' pages."""

from django.apps import AppConfig


class OrganizersConfig(AppConfig):
    name = "organizers"
