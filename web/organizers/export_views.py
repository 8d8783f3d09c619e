"""Taking a contest's entries along as a table or as JSON, written while they are read."""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, StreamingHttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contests import exporting
from contests.models import Contest
from organizers.views import OrganizerRequest, get_own_contest, owns

_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
# What a spreadsheet takes for a formula: owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Line:
    """A file for csv.writer that hands each line back."""

    def write(self, line: str) -> str:
        return line


# By POST, because it leaves a note, and so that no link can make somebody download it.
@login_required
@require_POST
def export(request: OrganizerRequest, url: str, form: str) -> StreamingHttpResponse:
    """Send all entries, streamed; the authors' addresses to owners only."""
    if form not in _TYPES:
        raise Http404
    contest = get_own_contest(request.user, url)
    emails = owns(request.user, contest)
    exporting.note(contest, request.user, form)
    # The texts are said here: while the answer is written nobody's language is set.
    lines = (
        _csv(contest, emails, _header(contest, emails)) if form == "csv" else _json(contest, emails)
    )
    return StreamingHttpResponse(
        lines,
        content_type=_TYPES[form],
        headers={
            "Content-Disposition": f'attachment; filename="{slugify(contest.url)}.{form}"',
            "Cache-Control": "private, no-store",
        },
    )


def _columns(emails: bool) -> list[str]:
    return [name for name in exporting.COLUMNS if emails or name != "email"]


def _header(contest: Contest, emails: bool) -> list[str]:
    titles = {
        "id": _("Number"),
        "page": _("Page"),
        "title": _("Title"),
        "description": _("Description"),
        "text_description": _("What is seen and heard"),
        "category": _("Category"),
        "first_name": _("Name"),
        "last_name": _("Surname"),
        "email": _("E-mail"),
        "language": _("Language"),
        "submitted_at": _("Submitted"),
        "edited_at": _("Changed"),
        "withdrawn_at": _("Withdrawn"),
        "state": _("State"),
        "reason": _("Reason"),
        "moderation": _("Moderation"),
        "moderation_reason": _("Moderation's reason"),
        "public_at": _("Public since"),
        "shown": _("Times shown"),
        "votes_for": _("Votes for"),
        "votes_against": _("Votes against"),
        "seconds": _("Seconds"),
        "file": _("File"),
        "bytes": _("Bytes"),
        "sha256": "SHA-256",
        "rules_version": _("Version of the rules"),
        "rules_accepted_at": _("Rules accepted"),
        "consents": _("Consents"),
    }
    asked = [question.text for question in exporting.questions(contest)]
    return [*(titles[name] for name in _columns(emails)), *asked]


def _csv(contest: Contest, emails: bool, header: list[str]) -> Iterator[str]:
    writer = csv.writer(_Line())
    # The mark by which spreadsheets know UTF-8.
    yield "\ufeff" + writer.writerow([harmless(title) for title in header])
    names = _columns(emails)
    for entry in exporting.entries(contest, emails=emails):
        values = [*(entry[name] for name in names), *entry["answers"].values()]
        yield writer.writerow([harmless(value) for value in values])


def harmless(value: Any) -> Any:
    """Return a value that no spreadsheet takes for a formula."""
    if isinstance(value, list):
        value = " | ".join(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _json(contest: Contest, emails: bool) -> Iterator[str]:
    asked = [
        {"id": each.pk, "text": each.text, "kind": each.kind}
        for each in exporting.questions(contest)
    ]
    about = {"name": contest.name, "address": contest.url, "zone": contest.zone, "questions": asked}
    yield f'{{"contest": {json.dumps(about, ensure_ascii=False)}, "entries": ['
    yield from _separated(
        json.dumps(entry, ensure_ascii=False) for entry in exporting.entries(contest, emails=emails)
    )
    yield "\n]}\n"


def _separated(items: Iterable[str]) -> Iterator[str]:
    for place, item in enumerate(items):
        yield f",\n{item}" if place else f"\n{item}"
