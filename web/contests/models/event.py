"""The audit trail."""

from django.conf import settings
from django.db import models


class Event(models.Model):
    """Who did what to a contest or an entry, and when. Written once; see auditing.py."""

    contest = models.ForeignKey("contests.Contest", on_delete=models.CASCADE, related_name="events")
    entry = models.ForeignKey(
        "contests.Entry", on_delete=models.SET_NULL, null=True, related_name="events"
    )
    # None: the participant, or the service itself; `actor` says which.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    actor = models.CharField(max_length=12)  # team, staff, participant, visitor, service
    action = models.CharField(max_length=40)
    # What changed, as plain values; of a change that can be undone what stood there before.
    detail = models.JSONField(default=dict)
    # What one press of a button did to many entries has one batch.
    batch = models.CharField(max_length=32, blank=True, default="", db_index=True)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["contest", "at"]),)

    def __str__(self) -> str:
        return f"event {self.pk}"
