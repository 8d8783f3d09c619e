"""Voters and what they chose."""

from django.db import models

from contests.models.code import Code
from contests.models.contest import Contest
from contests.models.deck import Deck
from contests.models.entry import Entry


class VoterQuerySet(models.QuerySet["Voter"]):
    """Which voters somebody is."""

    def known(self) -> "VoterQuerySet":
        """Leave out those of whom nobody knows any more who they were."""
        return self.exclude(email=None, code=None)


class Voter(models.Model):
    """One person in one contest, known by a verified e-mail, with or without an account.

    Or by a printed code; or, once erased, by nothing any more.
    """

    contest = models.ForeignKey(Contest, on_delete=models.CASCADE, related_name="voters")
    # In small letters; null, not empty, so that it is unique only where there is one.
    email = models.EmailField(null=True)  # noqa: DJ001
    code = models.OneToOneField(Code, on_delete=models.SET_NULL, null=True, related_name="voter")
    # How the entries lie for this voter, see ordering.py.
    deck = models.ForeignKey(Deck, on_delete=models.SET_NULL, null=True, related_name="voters")
    seed = models.PositiveIntegerField(default=0, db_default=0)
    verified_at = models.DateTimeField(null=True)
    # Of one erased while voting is open: by it the same address is known again, and votes no
    # second time; see erasing.py. Until voting is over.
    trace = models.CharField(max_length=64, blank=True, default="", db_default="", db_index=True)

    objects = VoterQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["contest", "email"], name="one_voter_per_person"),
        )

    def __str__(self) -> str:
        return f"voter {self.pk}"


class Ballot(models.Model):
    """A voter's one ballot."""

    voter = models.OneToOneField(Voter, on_delete=models.CASCADE, related_name="ballot")
    cast_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"ballot {self.pk}"


class Choice(models.Model):
    """For (1) or against (-1) one entry."""

    class Value(models.IntegerChoices):
        FOR = 1
        AGAINST = -1

    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="choices")
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="choices")
    value = models.SmallIntegerField(choices=Value.choices)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            # Unconditional: MySQL leaves out constraints that have a condition.
            models.UniqueConstraint(fields=["ballot", "entry"], name="one_choice_per_entry"),
        )

    def __str__(self) -> str:
        return f"choice {self.pk}"
