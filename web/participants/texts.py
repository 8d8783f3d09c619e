"""Reasons and lengths in the visitor's words."""

from django.utils.translation import get_language

from contests import reasons


def language() -> str:
    """Return the visitor's language, such as "es"."""
    return get_language() or "es"


def reason(code: str, line: int | None = None) -> str:
    """Return the sentence for a refusal's code; of a text file with the line that is wrong."""
    return reasons.text(code, language(), line)
