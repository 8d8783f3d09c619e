"""Counting."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from contests.models import Choice, Contest, Entry


@dataclass(frozen=True)
class Tally:
    """How many voted for an entry and how many against it."""

    votes_for: int = 0
    votes_against: int = 0


def tallies(entries: Collection[Entry]) -> dict[int, Tally]:
    """Return the tally of each of these entries, by entry id, in one query."""
    choices = Choice.objects.filter(entry__in=entries).values_list("entry_id", "value")
    votes = {(pk, value): count for pk, value, count in choices.annotate(count=Count("pk"))}
    return {
        entry.pk: Tally(
            votes.get((entry.pk, Choice.Value.FOR), 0),
            votes.get((entry.pk, Choice.Value.AGAINST), 0),
        )
        for entry in entries
    }


def ranking(contest: Contest) -> QuerySet[Entry]:
    """Return the contest's public entries, best first, with `votes_for`, `votes_against`, `score`.

    The score is for minus against; equal ones stand by votes for, then by submission.
    """
    return (
        contest.entries.public()
        .annotate(
            votes_for=Count("choices", filter=Q(choices__value=Choice.Value.FOR)),
            votes_against=Count("choices", filter=Q(choices__value=Choice.Value.AGAINST)),
        )
        .annotate(score=F("votes_for") - F("votes_against"))
        .order_by("-score", "-votes_for", "submitted_at", "pk")
    )
