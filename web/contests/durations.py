"""Times in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def in_words(seconds: float) -> str:
    """Return a time in words, as exactly as an estimate can be."""
    if seconds < 60:
        return _("less than a minute")
    minutes = round(seconds / 60)
    if minutes < 90:
        return ngettext("about %(n)s minute", "about %(n)s minutes", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    return ngettext("about %(n)s hour", "about %(n)s hours", hours) % {"n": hours}


def clock(seconds: int) -> str:
    """Return a video's length as 2:30."""
    return f"{seconds // 60}:{seconds % 60:02}"
