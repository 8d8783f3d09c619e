"""What a contest asks of an entry: its category, and answers to the organizer's own questions."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from backends.transactions import retried
from contests import auditing
from contests.models import Category, Contest, Question

MOST = 50  # categories or questions of a contest
Part = Category | Question


@retried
def add(part: Part, by: User) -> None:
    """Save a new category or question behind the others. Raises ValidationError."""
    last = _locked(part).last()
    if last and _locked(part).count() >= MOST:
        raise ValidationError(_("There is no room for more."))
    part.position = last.position + 1 if last else 0
    _save(part)
    auditing.record(part.contest, f"{_kind(part)}_added", user=by, name=str(part))


@retried
def change(part: Part, by: User, fields: Collection[str]) -> None:
    """Save these fields of a changed category or question. Raises ValidationError."""
    before = _locked(part).get(pk=part.pk)
    changes = {
        name: [getattr(before, name), getattr(part, name)]
        for name in fields
        if getattr(before, name) != getattr(part, name)
    }
    if changes:
        _save(part, fields)
        action = f"{_kind(part)}_changed"
        auditing.record(part.contest, action, user=by, name=str(part), changes=changes)


@retried
def move(part: Part, by: User, *, up: bool) -> None:
    """Swap a category or question with the one before it, or behind it; the ends stay."""
    rows = list(_locked(part))
    place = next((at for at, each in enumerate(rows) if each.pk == part.pk), None)
    other = None if place is None else place + (-1 if up else 1)
    if place is None or other is None or not 0 <= other < len(rows):
        return
    rows[place], rows[other] = rows[other], rows[place]
    for at, row in enumerate(rows):
        row.position = at
    _locked(part).bulk_update(rows, ["position"])
    auditing.record(part.contest, f"{_kind(part)}_moved", user=by, name=str(part), up=up)


@retried
def remove(part: Part, by: User) -> None:
    """Delete a category, whose entries then have none, or a question with its answers."""
    if _locked(part).filter(pk=part.pk).delete()[0]:
        auditing.record(part.contest, f"{_kind(part)}_removed", user=by, name=str(part))


def _locked(part: Part) -> QuerySet[Any]:
    """All of the contest's, in their order; whoever changes them comes one after the other."""
    contest = Contest.objects.select_for_update().get(pk=part.contest_id)
    return (contest.categories if isinstance(part, Category) else contest.questions).all()


def _save(part: Part, fields: Collection[str] | None = None) -> None:
    try:
        with transaction.atomic():
            part.save(update_fields=fields)
    except IntegrityError as error:
        text = _("There is a category of this name already.")
        raise ValidationError({"name": text}) from error


def _kind(part: Part) -> str:
    return "category" if isinstance(part, Category) else "question"
