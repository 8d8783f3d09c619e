"""A worker process, as it tells of itself."""

from django.db import models


class Worker(models.Model):
    """One process of the fleet. It says every few seconds that it lives; see fleet.py.

    What it works on stands in the conversions whose `worker` has its name.
    """

    name = models.CharField(max_length=100, unique=True)
    instance = models.CharField(max_length=100)
    version = models.CharField(max_length=40, blank=True)
    concurrency = models.PositiveSmallIntegerField(help_text="conversions at the same time")
    draining = models.BooleanField(default=False, help_text="finishes, and takes nothing new")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # by the database's clock

    def __str__(self) -> str:
        return f"worker {self.name}"
