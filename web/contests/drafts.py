"""What is typed while a file travels, kept with its upload until it becomes an entry."""

import re
from typing import Any

from contests.models import Entry, Upload
from contests.reasons import Refused

MAX_BYTES = 128 * 1024  # of a draft as it is sent
_NAME = re.compile(r"[a-z][a-z_]{0,29}(_\d{1,19})?", re.ASCII)
# Half a character: JSON can name one, and MySQL takes none.
_HALF = re.compile("[\\ud800-\\udfff]")
_MOST_FIELDS = 100
_LONGEST = 5000  # characters


def save(upload: Upload, draft: Any) -> None:
    """Keep a form's texts by field; the last word counts. Raises Refused, ValueError."""
    fields = draft.items() if isinstance(draft, dict) and len(draft) <= _MOST_FIELDS else None
    if fields is None or not all(_is_field(name, text) for name, text in fields):
        raise ValueError("no draft")
    # What became an entry is nobody's draft any more.
    if not Upload.objects.filter(pk=upload.pk, entry=None).update(draft=draft):
        raise Refused("upload_unknown")


def read(upload: Upload) -> dict[str, str]:
    """Return the texts by field, none at first. Raises Refused for what became an entry."""
    if Entry.objects.filter(upload=upload).exists():
        raise Refused("upload_unknown")
    return dict(upload.draft or {})


def _is_field(name: str, text: Any) -> bool:
    if not (_NAME.fullmatch(name) and isinstance(text, str)):
        return False
    return len(text) <= _LONGEST and not _HALF.search(text)
