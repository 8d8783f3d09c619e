"""The outbox: a mail to be sent, committed with the state it speaks of."""

from django.conf import settings
from django.db import models

from contests.models.entry import Entry
from contests.models.team import TeamInvitation
from contests.models.vote import Voter


class Kind(models.TextChoices):
    """What a notification says."""

    RECEIVED = "received"
    READY = "ready"
    FAILED = "failed"
    MODERATED = "moderated"
    MINE = "mine"
    CONFIRM_VOTE = "confirm_vote"
    VOTER_DATA = "voter_data"
    TEAM_INVITATION = "team_invitation"


class Notification(models.Model):
    """One mail. What it says is read from the rows it points to at the moment of sending."""

    kind = models.CharField(max_length=20, choices=Kind.choices)
    # Such as "ready:<conversion>": what happens twice is told once.
    dedup_key = models.CharField(max_length=80, unique=True)
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, null=True)
    voter = models.ForeignKey(Voter, on_delete=models.CASCADE, null=True)
    invitation = models.ForeignKey(TeamInvitation, on_delete=models.CASCADE, null=True)
    # A vote asked for before the voter's address was confirmed: 1 or -1 for `entry`.
    choice = models.SmallIntegerField(null=True)
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    created_at = models.DateTimeField()
    # Not before then; also the claim of the process that is sending it.
    due_at = models.DateTimeField()
    # How often it was handed to the mail server, and how often that surely did not take it: when it
    # did not answer, it may have. Exactly one more try than failures: sent exactly once.
    tries = models.PositiveIntegerField(default=0, db_default=0)
    failures = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["sent_at", "due_at"]),)

    def __str__(self) -> str:
        # Never the key: a vote's tells who wants to vote for what.
        return f"notification {self.pk}"
