"""Finding entries of a contest for its team, among tens of thousands."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from contests import overview, searching
from contests.models import Contest, Conversion, Entry, Moderation, Rendition, Report, State

_WORDS = ("title", "first_name", "last_name", "email")


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; empty means any. `only` is "reported" or "duplicates"."""

    moderation: str = ""
    state: str = ""
    category: int | None = None
    only: str = ""
    words: str = ""


def find(contest: Contest, wanted: Wanted) -> QuerySet[Entry]:
    """Return the entries that are wanted, newest first."""
    found: QuerySet[Entry] = contest.entries.all()
    if wanted.moderation:
        found = found.filter(moderation=wanted.moderation, withdrawn_at=None)
    if wanted.state:
        found = _in_state(found, State(wanted.state))
    if wanted.category:
        found = found.filter(category=wanted.category)
    if wanted.only == "reported":
        found = found.filter(Exists(_open_reports()))
    if wanted.only == "duplicates":
        found = found.filter(Exists(_twins()))
    return searching.find_in(found, wanted.words, *_WORDS).order_by("-submitted_at", "-pk")


def counts(contest: Contest) -> dict[str, int]:
    """Count the entries by moderation, without withdrawn ones; all of them; the reported ones."""
    rows = contest.entries.order_by()
    there = rows.filter(withdrawn_at=None).values_list("moderation").annotate(n=Count("pk"))
    found = {each.value: 0 for each in Moderation} | dict(there)
    reported = Report.objects.filter(closed_at=None, entry__contest=contest)
    return found | {
        "": rows.count(),
        "reported": reported.aggregate(n=Count("entry", distinct=True))["n"],
    }


def rows(entries: Collection[int]) -> list[Any]:
    """Return these entries, newest first, with all that a list says of them.

    Besides what `overview` adds: `reports`, how many are open; `is_twin`, whether the same file was
    submitted twice; `poster_key`, None without one.
    """
    found = overview.with_troubles(overview.with_state(Entry.objects.filter(pk__in=entries)))
    reports = _open_reports().order_by().values("entry").annotate(n=Count("pk")).values("n")
    posters = Rendition.objects.filter(
        conversion__published_as=OuterRef("pk"), kind=Rendition.Kind.POSTER
    )
    chosen = posters.filter(number=OuterRef("poster")).values("key")
    found = found.annotate(
        reports_open=Coalesce(Subquery(reports), 0),
        is_twin=Exists(_twins()),
        poster_key=Coalesce(
            Subquery(chosen), Subquery(posters.order_by("number").values("key")[:1])
        ),
    )
    listed = found.select_related("contest", "upload", "category")
    return list(listed.order_by("-submitted_at", "-pk"))


def twins(entry: Entry) -> QuerySet[Entry]:
    """Return the contest's other entries of the very same file."""
    if not entry.upload.digest:
        return Entry.objects.none()
    same = Entry.objects.filter(contest=entry.contest_id, upload__digest=entry.upload.digest)
    return same.exclude(pk=entry.pk).order_by("submitted_at", "pk")


def next_pending(entry: Entry) -> Entry | None:
    """Return what waits longest for the team, besides this entry."""
    waiting = Entry.objects.filter(
        contest=entry.contest_id, moderation=Moderation.PENDING, withdrawn_at=None
    )
    return waiting.exclude(pk=entry.pk).order_by("submitted_at", "pk").first()


def _in_state(entries: QuerySet[Entry], state: State) -> QuerySet[Entry]:
    """Keep the entries whose conversion that speaks for them is in a state, as `overview` says."""
    if state == State.CANCELLED:
        return entries.filter(withdrawn_at__isnull=False)
    there = entries.filter(withdrawn_at=None)
    if state == State.SUCCEEDED:
        return there.filter(published__isnull=False)
    mine = Conversion.objects.filter(entry=OuterRef("pk"))
    later = Conversion.objects.filter(entry=OuterRef("entry"), pk__gt=OuterRef("pk"))
    latest = mine.filter(~Exists(later), state=state)
    return there.filter(Exists(latest), published=None)


def _open_reports() -> QuerySet[Report]:
    return Report.objects.filter(entry=OuterRef("pk"), closed_at=None)


def _twins() -> QuerySet[Entry]:
    same = Entry.objects.filter(
        contest=OuterRef("contest"), upload__digest=OuterRef("upload__digest")
    )
    return same.exclude(Q(upload__digest="") | Q(pk=OuterRef("pk")))
