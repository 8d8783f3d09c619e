"""Subtitles of an entry."""

from django.db import models

from contests.models.entry import Entry


class Captions(models.Model):
    """What is said in an entry, in one language: WebVTT, cleaned by captions.py."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="captions")
    language = models.CharField(max_length=12)  # BCP 47, such as "es" or "pt-BR"
    text = models.TextField()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "captions"
        constraints = (
            models.UniqueConstraint(fields=["entry", "language"], name="one_captions_per_language"),
        )

    def __str__(self) -> str:
        return f"captions {self.pk}"
