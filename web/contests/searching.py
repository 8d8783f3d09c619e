"""Finding rows by words, as people type them: in any case, with or without accents."""

import re
import unicodedata
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from contests.models import Contest

Row = TypeVar("Row", bound=Model)

MOST_LETTERS = 100
_ACCENTED = {"a": "áàâäãå", "c": "ç", "e": "éèêë", "i": "íìîï", "n": "ñ", "o": "óòôöõ", "u": "úùûü"}


def find(contests: QuerySet[Contest], text: str) -> QuerySet[Contest]:
    """Keep the contests whose name or description holds every word of a text."""
    return find_in(contests, text, "name", "description")


def find_in(rows: QuerySet[Row], text: str, *fields: str) -> QuerySet[Row]:
    """Keep the rows that hold every word of a text, each in any of the fields.

    By regular expressions, because LIKE heeds accents in SQLite and not in MySQL. Each character
    stands for itself: nothing typed is an instruction, and no pattern repeats, so none is slow.
    """
    text = unicodedata.normalize("NFC", text[:MOST_LETTERS])
    for word in "".join(each if each.isprintable() else " " for each in text).split():
        pattern = "".join(map(_any_accent, word))
        rows = rows.filter(Q(*((f"{field}__iregex", pattern) for field in fields), _connector=Q.OR))
    return rows


def _any_accent(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0].lower()
    return f"[{base}{_ACCENTED[base]}]" if base in _ACCENTED else re.escape(letter)
