"""Languages that captions may be in, under their own names; and captions as a player takes them."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf.locale import LANG_INFO

from contests.models import Entry

NAMES = {
    code: info["name_local"][0].upper() + info["name_local"][1:]
    for code, info in LANG_INFO.items()
    if "name_local" in info
}
_FIRST = ("es", "en", "ca", "eu", "gl", "pt", "fr")


@dataclass(frozen=True)
class Track:
    """Captions in one language, and where they are read from."""

    language: str
    name: str
    url: str


def choices() -> list[tuple[str, str]]:
    """Return code and name of each, those most used here first."""
    rest = sorted((each for each in NAMES if each not in _FIRST), key=lambda each: NAMES[each])
    return [(code, NAMES[code]) for code in (*_FIRST, *rest)]


def tracks(entry: Entry, address: Callable[[str], str]) -> list[Track]:
    """Return an entry's captions; `address` says where those in a language are read from."""
    there = entry.captions.order_by("language").values_list("language", flat=True)
    return [Track(code, NAMES.get(code, code), address(code)) for code in there]
