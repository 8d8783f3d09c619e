"""Changing an entry after it was submitted: its author, by the private page.

Until submissions close, or while the team asks for changes. What a moderated contest has approved
goes back to the team, so that nobody shows what it has not seen.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backends.transactions import retried
from contests import accepting, auditing, captions, placing
from contests.models import Captions, Entry, Moderation, Question, Rendition
from contests.reasons import Refused

MOST_CAPTIONS = 12  # languages


def may_revise(entry: Entry, now: datetime) -> bool:
    """Say whether an entry's author may change it now."""
    if entry.withdrawn_at or entry.erased_at:
        return False
    asked = entry.moderation == Moderation.CHANGES and entry.contest.accepts_withdrawals(now)
    return entry.contest.accepts_entries(now) or asked


def goes_back(entry: Entry) -> bool:
    """Say whether a change sends an entry back to the team, out of what the public sees."""
    return entry.contest.moderated and entry.moderation == Moderation.APPROVED


def revise(
    entry: Entry, about: Mapping[str, Any], answers: Mapping[Question, str], now: datetime
) -> bool:
    """Change an entry's own fields and answers, all valid. False: none differs. Raises Refused."""
    return _settled(entry, _revise(entry, about, answers, now))


def choose_poster(entry: Entry, number: int, now: datetime) -> bool:
    """Show another one of its posters. False: it does already. Raises Refused."""
    return _settled(entry, _choose_poster(entry, number, now))


def add_captions(entry: Entry, language: str, file: bytes, now: datetime) -> None:
    """Give an entry captions in a language; those it had in it are replaced. Raises Refused."""
    _settled(entry, _add_captions(entry, language, captions.clean(file), now))


def remove_captions(entry: Entry, language: str, now: datetime) -> bool:
    """Take captions away. False: there are none. Raises Refused."""
    return _settled(entry, _remove_captions(entry, language, now))


@retried
def send_again(entry: Entry, now: datetime) -> bool:
    """Tell the team that what it asked for is done. False: it asks for nothing any more."""
    row = Entry.objects.filter(pk=entry.pk, moderation=Moderation.CHANGES, withdrawn_at=None)
    if not row.update(moderation=Moderation.PENDING):
        return False
    auditing.record(entry.contest, "entry_sent_again", entry=entry, actor="participant")
    return True


@retried
def _revise(
    entry: Entry, about: Mapping[str, Any], answers: Mapping[Question, str], now: datetime
) -> bool:
    row = _hold(entry, now)
    before = dict(row.answers.values_list("question", "text"))
    changed = [name for name, value in about.items() if getattr(row, name) != value]
    if any(before.get(each.pk, "") != text for each, text in answers.items()):
        changed.append("answers")
        accepting.answer(row, answers)
    if changed:
        _save(row, now, "entry_changed", dict(about), changed=changed)
    return bool(changed)


@retried
def _choose_poster(entry: Entry, number: int, now: datetime) -> bool:
    row = _hold(entry, now)
    posters = Rendition.objects.filter(conversion=row.published_id, kind=Rendition.Kind.POSTER)
    if number == row.poster or not posters.filter(number=number).exists():
        return False
    _save(row, now, "poster_chosen", {"poster": number}, number=number)
    return True


@retried
def _add_captions(entry: Entry, language: str, text: str, now: datetime) -> bool:
    row = _hold(entry, now)
    others = row.captions.exclude(language=language)
    if others.count() >= MOST_CAPTIONS:
        raise Refused("too_many_captions")
    Captions.objects.update_or_create(entry=row, language=language, defaults={"text": text})
    _save(row, now, "captions_added", {}, language=language)
    return True


@retried
def _remove_captions(entry: Entry, language: str, now: datetime) -> bool:
    row = _hold(entry, now)
    if not row.captions.filter(language=language).delete()[0]:
        return False
    _save(row, now, "captions_removed", {}, language=language)
    return True


def _hold(entry: Entry, now: datetime) -> Entry:
    """Lock an entry for the transaction. Raises Refused when it may not change any more."""
    row = Entry.objects.select_for_update().filter(pk=entry.pk).first()
    if row is None or not may_revise(row, now):
        raise Refused("closed_changes")
    return row


def _save(row: Entry, now: datetime, action: str, fields: dict[str, Any], **detail: Any) -> None:
    if goes_back(row):
        fields["moderation"] = Moderation.PENDING
        placing.mark(Entry.objects.filter(pk=row.pk))
    Entry.objects.filter(pk=row.pk).update(edited_at=now, **fields)
    auditing.record(row.contest, action, entry=row, actor="participant", **detail)


def _settled(entry: Entry, changed: bool) -> bool:
    if changed:
        misplaced = Entry.objects.filter(pk=entry.pk, unplaced_since__isnull=False)
        placing.settle_soon(misplaced.values_list("pk", flat=True))
    return changed
