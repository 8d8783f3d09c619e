"""The order in which a contest's entries lay when somebody came to see them."""

from django.db import models

from contests.models.contest import Contest


class Deck(models.Model):
    """A contest's public entries at one moment, in tiers: those seen least come first.

    Visitors who come within moments of each other share one; each shuffles it with a seed of their
    own (see ordering.py). Never changed.
    """

    contest = models.ForeignKey(Contest, on_delete=models.CASCADE, related_name="decks")
    made_at = models.DateTimeField(db_index=True)  # by the database's clock
    entries = models.BinaryField()  # their ids, 8 bytes each, compressed
    tiers = models.JSONField()  # how many entries are in each tier

    def __str__(self) -> str:
        return f"deck {self.pk}"
