"""The embedded queue's table. Nothing outside `backends.queue` touches it."""

from django.db import models


class QueueMessage(models.Model):
    """One message; `visible_at` in the future means in flight (`receives` > 0) or delayed."""

    body = models.JSONField()
    sent_at = models.DateTimeField()
    visible_at = models.DateTimeField(db_index=True)
    receives = models.PositiveIntegerField(default=0)
    # Changes with every receive, so that a handle kept too long deletes and extends nothing.
    handle = models.CharField(max_length=32, blank=True, db_index=True)
    dead = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"message {self.pk}"
