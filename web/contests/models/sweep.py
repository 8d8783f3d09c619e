"""The sweeper's lock and memory."""

from django.db import models


class SweepLock(models.Model):
    """One row: who holds it (until then, by the database's clock) sweeps, nobody else does."""

    until = models.DateTimeField()
    # Since when the queue has held fewer messages than there are conversions to do.
    short_since = models.DateTimeField(null=True)
    # How far the storage's list has been compared with the rows, "" between two rounds; and when
    # the latest round began.
    listed_to = models.CharField(max_length=1024, blank=True, default="", db_default="")
    listing_began = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"sweep lock until {self.until}"


class Nameless(models.Model):
    """A stored file that no row names, and when it was first seen so, by the database's clock."""

    key = models.CharField(max_length=80, unique=True)
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
