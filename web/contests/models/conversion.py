"""A conversion: the truth about one job, of which a queue message is only the doorbell."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from contests.models.entry import Entry


class State(models.TextChoices):
    """A conversion's states. FAILED and DEAD are final until somebody redrives.

    CANCELLED means that the entry was withdrawn before the conversion ended.
    """

    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Converting")
    SUCCEEDED = "succeeded", _("Ready")
    FAILED = "failed", _("Refused")
    DEAD = "dead", _("Stuck")
    CANCELLED = "cancelled", _("Withdrawn")


class Conversion(models.Model):
    """Turning one entry's source into renditions.

    `attempt` is the fencing number: every claim raises it, and who writes must name the one it
    holds. Lease times are the database's.
    """

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="conversions")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True)
    percent = models.PositiveSmallIntegerField(default=0)
    ready_at = models.DateTimeField(null=True, help_text="when its worker expects to be done")
    megapixels = models.FloatField(
        null=True, help_text="the work in it, as the worker measured it; null before it has looked"
    )
    reason = models.CharField(
        max_length=40,
        blank=True,
        help_text='code, see reasons.py; a SUCCEEDED one may be "partial"',
    )
    error = models.TextField(
        blank=True, help_text="our own last fault, for staff; organizers see its kind"
    )
    queued_at = models.DateTimeField()
    # A retry waits until then; also when the doorbell was last rung.
    ring_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # When a later conversion took its place before the public; its files stay for a while.
    superseded_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        indexes = (
            models.Index(fields=["state", "queued_at"]),
            models.Index(fields=["state", "lease_until"]),
            models.Index(fields=["state", "finished_at"]),
        )

    def __str__(self) -> str:
        return f"conversion {self.pk}"

    @staticmethod
    def of(entry: Entry) -> "Conversion":
        """Return the one that speaks for an entry: what the public sees of it, else the latest."""
        return entry.published or entry.conversions.latest("pk")


class Rendition(models.Model):
    """One published file of a conversion."""

    class Kind(models.TextChoices):
        MP4 = "mp4"
        POSTER = "poster"
        SHARE = "share"  # the best poster in the size for social networks

    conversion = models.ForeignKey(Conversion, on_delete=models.CASCADE, related_name="renditions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    number = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="of posters: 0 is the best"
    )
    key = models.CharField(max_length=80, unique=True)
    codec = models.CharField(max_length=40)
    width = models.PositiveIntegerField(help_text="pixels")
    height = models.PositiveIntegerField(help_text="pixels")
    duration = models.FloatField(null=True, help_text="seconds")
    size = models.BigIntegerField(help_text="bytes")
    # Since when its file is known to be gone, through no doing of ours.
    missing_since = models.DateTimeField(null=True, db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["conversion", "kind", "number"], name="one_rendition_per_number"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of conversion {self.conversion_id}"
