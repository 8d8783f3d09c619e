"""Counting."""

from typing import Any

from django.db.models import Count, F, Q, QuerySet

from contests.models import Choice, Contest, Entry


def with_votes(entries: QuerySet[Entry]) -> QuerySet[Any]:
    """Add how many voted for each entry, `votes_for`, and how many against it, `votes_against`."""
    return entries.annotate(
        votes_for=Count("choices", filter=Q(choices__value=Choice.Value.FOR)),
        votes_against=Count("choices", filter=Q(choices__value=Choice.Value.AGAINST)),
    )


def ranking(contest: Contest) -> QuerySet[Any]:
    """Return the contest's entries that count, best first, with their votes and `score`.

    The score is for minus against; equal ones stand by votes for, then by submission. Of one erased
    after voting only its place is left, so that the result stays the same.
    """
    entries = with_votes(contest.entries.counted())
    scored: QuerySet[Any] = entries.annotate(score=F("votes_for") - F("votes_against"))
    return scored.order_by("-score", "-votes_for", "submitted_at", "pk")
