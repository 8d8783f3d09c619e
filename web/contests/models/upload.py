"""A video file on its way to us."""

import secrets

from django.db import models

from contests.models.contest import Contest


def new_token() -> str:
    """Return a secret for a private link: 256 bits, safe in an address."""
    return secrets.token_urlsafe(32)


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
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now_add=True, db_index=True)
    # Since when an entry's source is known to be gone, through no doing of ours.
    missing_since = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return f"upload {self.pk}"
