"""A contest's pictures, for templates."""

from django import template

from backends import storage

register = template.Library()


@register.filter
def picture_url(key: str) -> str:
    """Return where a picture is read from; empty without one."""
    return storage.public_url(key) if key else ""
