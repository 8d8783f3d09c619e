"""An entry in words, for its contest's team."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from backends import storage
from contests import faults, moderating, reasons
from contests.models import Moderation, State


@dataclass(frozen=True)
class Row:
    """What a list or a page says of an entry; `fault` and `lost` are empty where all is well."""

    entry: Any
    version: str
    state: State
    moderation: Moderation
    poster_url: str
    reason: str
    fault: str
    lost: str
    retriable: bool


def of(entries: Iterable[Any]) -> list[Row]:
    """Return a row for each of the entries that `screening.rows` found."""
    return [
        Row(
            entry=entry,
            version=moderating.version(entry),
            state=State(entry.state),
            moderation=Moderation(entry.moderation),
            poster_url=storage.public_url(entry.poster_key) if entry.poster_key else "",
            reason=reasons.text(entry.reason, get_language() or "") if entry.reason else "",
            fault=faults.kind(entry.stuck) if entry.stuck is not None else "",
            lost="" if entry.withdrawn_at else _lost(entry),
            retriable=entry.upload.missing_since is None,
        )
        for entry in entries
    ]


def _lost(entry: Any) -> str:
    """Say which of an entry's files are gone, and what can be done."""
    unmakable = entry.upload.missing_since is not None
    if unmakable and (entry.files_lost or not entry.published_id):
        return _("Its files are gone. Ask its author to submit it again.")
    if unmakable:
        return _("The file its author sent is gone: what is published can't be made again.")
    if entry.files_lost and entry.under_way:
        return _("A file of it got lost and is made again from what its author sent.")
    if entry.files_lost:
        return _("A file of it is gone, and nothing is making it again.")
    return ""
