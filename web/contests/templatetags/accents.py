"""A contest's colour, for templates."""

from django import template

from contests import colours

register = template.Library()


@register.filter
def accent_rules(accent: str) -> str:
    """Return the style rules of an accent; none for a text that is no colour, least of all "".

    They hold hexadecimal colours and nothing that was typed.
    """
    try:
        return colours.css(accent or "")
    except ValueError:
        return ""
