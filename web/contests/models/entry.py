"""A submitted video with its author."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contests.models.code import Code
from contests.models.contest import Contest
from contests.models.rules import Category
from contests.models.tokens import new_token
from contests.models.upload import Upload


class Moderation(models.TextChoices):
    """What the team says to an entry. Only approved ones are public."""

    PENDING = "pending", _("To be looked at")
    APPROVED = "approved", _("Approved")
    CHANGES = "changes", _("Changes asked for")
    REJECTED = "rejected", _("Rejected")


class EntryQuerySet(models.QuerySet["Entry"]):
    """Which entries somebody may see."""

    def public(self) -> "EntryQuerySet":
        """Keep what the public may see: converted, approved and not withdrawn."""
        return self.filter(
            published__isnull=False, moderation=Moderation.APPROVED, withdrawn_at=None
        )

    def counted(self) -> "EntryQuerySet":
        """Keep what stands in the result: the public ones, and those erased once it was certain."""
        erased = models.Q(public_at__isnull=False, erased_at__isnull=False)
        return self.filter(
            models.Q(published__isnull=False) | erased,
            moderation=Moderation.APPROVED,
            withdrawn_at=None,
        )


class Entry(models.Model):
    """What a participant submitted. Public pages show title, description and first name only."""

    contest = models.ForeignKey(Contest, on_delete=models.CASCADE, related_name="entries")
    # One to one, so that a form sent twice makes one entry.
    upload = models.OneToOneField(Upload, on_delete=models.RESTRICT, related_name="entry")
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    first_name = models.CharField(_("name"), max_length=60)
    last_name = models.CharField(_("surname"), max_length=60, blank=True)
    # Empty when the team submitted it for somebody who has none.
    email = models.EmailField(_("e-mail"), blank=True)
    category = models.ForeignKey(
        Category,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("category"),
        related_name="entries",
    )
    text_description = models.TextField(
        _("what is seen and heard, in words"),
        max_length=5000,
        blank=True,
        default="",
        db_default="",
    )
    poster = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="which of its posters the author chose"
    )
    # The invitation it was submitted with.
    code = models.ForeignKey(
        Code, on_delete=models.SET_NULL, null=True, related_name="entries", blank=True
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="who of the team submitted it for its author",
    )
    moderation = models.CharField(
        max_length=10,
        choices=Moderation.choices,
        default=Moderation.APPROVED,
        db_default=Moderation.APPROVED,
    )
    moderation_reason = models.TextField(max_length=2000, blank=True, default="", db_default="")
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    manage_token = models.CharField(max_length=64, unique=True, default=new_token)
    # The conversion whose renditions the public sees; set in the transaction that finishes it.
    published = models.OneToOneField(
        "contests.Conversion", on_delete=models.SET_NULL, null=True, related_name="published_as"
    )
    # Since when the public may see it, set by whatever makes it so; and how often a page showed it.
    public_at = models.DateTimeField(null=True, blank=True)
    seen = models.PositiveIntegerField(default=0, db_default=0)
    submitted_at = models.DateTimeField(auto_now_add=True)
    # Since then it is not in the contest any more, and its files are gone. Never undone.
    withdrawn_at = models.DateTimeField(null=True)
    # Since its files may lie where the public reads, or does not read, them by mistake.
    unplaced_since = models.DateTimeField(null=True, blank=True, db_index=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    # Since then nothing in it tells who submitted it; unless it stays public, nothing else is left.
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        indexes = (
            models.Index(fields=["contest", "moderation", "submitted_at"]),
            models.Index(fields=["contest", "submitted_at"]),
            models.Index(fields=["contest", "public_at"]),
            models.Index(fields=["email"]),
        )

    def __str__(self) -> str:
        return f"entry {self.pk}"

    def get_absolute_url(self) -> str:
        """Return the entry's place on the contest's public page."""
        return f"{self.contest.get_absolute_url()}?video_id={self.pk}"

    @property
    def is_erased(self) -> bool:
        """Whether nothing is left of it but its row."""
        return bool(self.erased_at) and self.published_id is None

    @property
    def manage_url(self) -> str:
        """The participant's private page (a path; the token in it is a secret)."""
        return reverse("participants:entry", args=[self.manage_token])
