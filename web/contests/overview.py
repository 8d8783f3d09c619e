"""What an organizer sees at a glance."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from contests import converting
from contests.models import Choice, Contest, Conversion, Entry, Rendition, State


@dataclass(frozen=True)
class Overview:
    """How many entries of a contest stand where, and how many votes count."""

    states: dict[State, int]
    votes: int

    @property
    def entries(self) -> int:
        """All entries."""
        return sum(self.states.values())


def with_state(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """Add each entry's `state` and `reason`: those of the conversion that speaks for it.

    That is the published one, else the latest; a withdrawn entry is CANCELLED, for no reason.
    """
    latest = Conversion.objects.filter(entry=OuterRef("pk")).order_by("-pk")
    withdrawn, public = Q(withdrawn_at__isnull=False), Q(published__isnull=False)
    return entries.annotate(
        state=Case(
            When(withdrawn, then=Value(State.CANCELLED)),
            When(public, then=F("published__state")),
            default=Subquery(latest.values("state")[:1]),
        ),
        reason=Case(
            When(withdrawn, then=Value("")),
            When(public, then=F("published__reason")),
            default=Subquery(latest.values("reason")[:1]),
        ),
    )


def stuck() -> QuerySet[Conversion]:
    """All conversions that wait for somebody to start them again: DEAD, and their entry's latest.

    What was converted again since, or is withdrawn, waits for nobody.
    """
    later = Conversion.objects.filter(entry=OuterRef("entry"), pk__gt=OuterRef("pk"))
    dead = Conversion.objects.filter(state=State.DEAD, entry__withdrawn_at=None)
    return dead.exclude(Exists(later))


def count_stuck(rows: QuerySet[Conversion]) -> tuple[int, int]:
    """Count stuck conversions, and how many of them can be tried again: their originals exist."""
    there = Count("pk", filter=Q(entry__upload__missing_since=None))
    found = rows.aggregate(all=Count("pk"), there=there)
    return found["all"], found["there"]


def with_troubles(entries: QuerySet[Entry]) -> QuerySet[Any]:
    """Add each entry's `stuck`, the last error of a conversion that is stuck, None without one.

    And `files_lost`: whether a file of what is published is known to be gone; and `under_way`:
    whether it is being converted, or waits for that.
    """
    gone = Rendition.objects.filter(
        conversion__published_as=OuterRef("pk"), missing_since__isnull=False
    )
    errors = stuck().filter(entry=OuterRef("pk")).values("error")
    return entries.annotate(
        stuck=Subquery(errors[:1]), files_lost=Exists(gone), under_way=Exists(_unfinished())
    )


def _unfinished() -> QuerySet[Conversion]:
    return converting.waiting().filter(entry=OuterRef("pk")).order_by()


def of(contests: Iterable[Contest]) -> dict[int, Overview]:
    """Return each contest's overview by its id, in two queries however many contests."""
    ids = [contest.pk for contest in contests]
    public = Entry.objects.public().filter(contest__in=ids)
    votes = dict(
        Choice.objects.filter(entry__in=public)
        .order_by()
        .values_list("entry__contest")
        .annotate(count=Count("pk"))
    )
    states: dict[int, dict[State, int]] = {pk: {} for pk in ids}
    entries: Any = with_state(Entry.objects.filter(contest__in=ids)).order_by()
    counted = entries.values_list("contest", "state").annotate(count=Count("pk"))
    for contest, state, count in counted:
        states[contest][State(state)] = count
    return {pk: Overview(states[pk], votes.get(pk, 0)) for pk in ids}
