"""The tables behind the embedded queue, the key that all processes share, suppressed addresses."""

from django.db import models


class QueueMessage(models.Model):
    """One message, of the embedded queue only.

    `visible_at` in the future means in flight (`receives` > 0) or delayed.
    """

    body = models.JSONField()
    sent_at = models.DateTimeField()
    visible_at = models.DateTimeField(db_index=True)
    receives = models.PositiveIntegerField(default=0)
    # Changes with every receive, so that a handle kept too long deletes and extends nothing.
    handle = models.CharField(max_length=32, blank=True, db_index=True)
    dead = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"message {self.pk}"


class SharedKey(models.Model):
    """The key that signs sessions and links: one row, made by a migration, the same for all."""

    value = models.CharField(max_length=100)

    def __str__(self) -> str:
        return "the shared key"


class Suppressed(models.Model):
    """An e-mail address that gets no mail any more, by its digest: nobody can read it here."""

    digest = models.CharField(max_length=64, primary_key=True)

    def __str__(self) -> str:
        return "a suppressed address"


class Undeleted(models.Model):
    """A stored file that nothing names any more and that is not deleted, or not forgotten, yet."""

    key = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.key
