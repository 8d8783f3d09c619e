"""Counting."""

from django.db.models import Count, F, Q, QuerySet

from contests.models import Choice, Contest, Entry


def with_tally(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """Add each entry's `votes_for`, `votes_against` and `score` (for minus against)."""
    return entries.annotate(
        votes_for=Count("choices", filter=Q(choices__value=Choice.Value.FOR)),
        votes_against=Count("choices", filter=Q(choices__value=Choice.Value.AGAINST)),
    ).annotate(score=F("votes_for") - F("votes_against"))


def ranking(contest: Contest) -> QuerySet[Entry]:
    """Return the contest's public entries, best first; equal scores stand by submission."""
    public = contest.entries.filter(published__isnull=False)
    return with_tally(public).order_by("-score", "-votes_for", "submitted_at", "pk")
