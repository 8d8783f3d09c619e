"""A video file on its way to us."""

from django.db import models

from contests.models.code import Code
from contests.models.contest import Contest
from contests.models.tokens import new_token


class Upload(models.Model):
    """One file that a browser (or ops) sends in parts; only who knows `token` may touch it."""

    class State(models.TextChoices):
        OPEN = "open"
        COMPLETE = "complete"

    contest = models.ForeignKey(Contest, on_delete=models.CASCADE, related_name="uploads")
    token = models.CharField(max_length=64, unique=True, default=new_token)
    backend_id = models.CharField(max_length=255, blank=True)
    key = models.CharField(max_length=80, unique=True)
    # Which of the key's versions the worker reads: the one that was complete when we looked at it.
    version = models.CharField(max_length=1024, blank=True, default="", db_default="")
    # As the browser named it, to show and nothing else.
    filename = models.CharField(max_length=255)
    size = models.BigIntegerField(help_text="bytes")
    # Of the whole file: SHA-256 in hex, once a worker has read it.
    digest = models.CharField(max_length=64, blank=True, default="", db_default="", db_index=True)
    # What the form beside it held when it was last saved, so that nothing typed is lost.
    draft = models.JSONField(null=True)
    by_team = models.BooleanField(default=False, db_default=False, help_text="for somebody else")
    # The code that let it begin after the deadline.
    late_code = models.ForeignKey(Code, on_delete=models.SET_NULL, null=True)
    first_byte_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now_add=True, db_index=True)
    # Since when an entry's source is known to be gone, through no doing of ours.
    missing_since = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return f"upload {self.pk}"
