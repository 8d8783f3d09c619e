"""Taking a contest's entries along: all that is known of each, in plain values, few at a time.

Nothing opens anything to whoever reads it: no token, no key of a file.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import User
from contests import auditing, overview, results
from contests.models import Contest, Entry, Question, Rendition

_AT_ONCE = 500  # entries held in memory

# Every column but the questions', in the order they are written.
COLUMNS = (
    *("id", "page", "title", "description", "text_description", "category"),
    *("first_name", "last_name", "email", "language", "submitted_at", "edited_at", "withdrawn_at"),
    *("state", "reason", "moderation", "moderation_reason", "public_at", "shown"),
    *("votes_for", "votes_against", "seconds", "file", "bytes", "sha256"),
    *("rules_version", "rules_accepted_at", "consents"),
)


def questions(contest: Contest) -> list[Question]:
    """Return the contest's own questions, whose answers follow the other columns."""
    return list(contest.questions.all())


def note(contest: Contest, by: User, form: str) -> None:
    """Note in the audit trail that somebody takes the entries along as `form`, such as "csv"."""
    auditing.record(contest, "contest_exported", user=by, form=form)


def entries(contest: Contest, *, emails: bool) -> Iterator[dict[str, Any]]:
    """Yield each entry as a dict of COLUMNS and `answers`, {question id: text}, oldest first.

    Times are on the contest's clock, with its offset. `emails`: with the authors' addresses.
    """
    asked = questions(contest)
    for each in _rows(contest):
        row = _plain(each, contest.tzinfo)
        if not emails:
            del row["email"]
        answers = {answer.question_id: answer.text for answer in each.answers.all()}
        yield row | {"answers": {question.pk: answers.get(question.pk, "") for question in asked}}


def _rows(contest: Contest) -> Iterator[Any]:
    """Read some hundred rows at a time, by their ids: no cursor stays open while a slow reader
    takes what was written."""
    found: QuerySet[Entry] = overview.with_state(results.with_votes(contest.entries.order_by("pk")))
    video = Rendition.objects.filter(conversion=OuterRef("published"), kind=Rendition.Kind.MP4)
    found = found.annotate(seconds=Subquery(video.values("duration")[:1]))
    found = found.select_related("contest", "upload", "category")
    found = found.prefetch_related("answers", "acceptances__rules")
    last = 0
    while rows := list(found.filter(pk__gt=last)[:_AT_ONCE]):
        yield from rows
        last = rows[-1].pk


def _plain(entry: Any, zone: ZoneInfo) -> dict[str, Any]:
    accepted = max(entry.acceptances.all(), key=lambda each: each.accepted_at, default=None)
    values = {
        "id": entry.pk,
        "page": settings.WEB_URL + entry.get_absolute_url(),
        "category": entry.category.name if entry.category else "",
        "submitted_at": _local(entry.submitted_at, zone),
        "edited_at": _local(entry.edited_at, zone),
        "withdrawn_at": _local(entry.withdrawn_at, zone),
        "public_at": _local(entry.public_at, zone),
        "shown": entry.seen,
        "seconds": entry.seconds and round(entry.seconds, 2),
        "file": entry.upload.filename,
        "bytes": entry.upload.size,
        "sha256": entry.upload.digest,
        "rules_version": accepted.rules.version if accepted else None,
        "rules_accepted_at": _local(accepted.accepted_at, zone) if accepted else None,
        "consents": [accepted.rules.consents[at]["text"] for at in accepted.consents]
        if accepted
        else [],
    }
    return {name: values[name] if name in values else getattr(entry, name) for name in COLUMNS}


def _local(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else None
