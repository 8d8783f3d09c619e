"""Counting."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from contests.models import Choice, Contest, Entry

_FOR = Q(choices__value=Choice.Value.FOR)
_AGAINST = Q(choices__value=Choice.Value.AGAINST)


@dataclass(frozen=True)
class Tally:
    """How many voted for an entry and how many against it."""

    votes_for: int = 0
    votes_against: int = 0


def tallies(entries: Iterable[Entry]) -> dict[int, Tally]:
    """Return the tally of each of these entries, by entry id."""
    rows = Entry.objects.filter(pk__in=[entry.pk for entry in entries]).values_list("pk")
    counted = rows.annotate(Count("choices", filter=_FOR), Count("choices", filter=_AGAINST))
    return {pk: Tally(votes_for, votes_against) for pk, votes_for, votes_against in counted}


def ranking(contest: Contest) -> QuerySet[Entry]:
    """Return the contest's public entries with `votes_for`, `votes_against` and `score`, best first.

    The score is for minus against; equal ones stand by votes for, then by submission.
    """
    return (
        contest.entries.filter(published__isnull=False)
        .annotate(
            votes_for=Count("choices", filter=_FOR),
            votes_against=Count("choices", filter=_AGAINST),
        )
        .annotate(score=F("votes_for") - F("votes_against"))
        .order_by("-score", "-votes_for", "submitted_at", "pk")
    )
