"""A submitted video with its author."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contests.models.contest import Contest
from contests.models.upload import Upload, new_token


class Entry(models.Model):
    """What a participant submitted. Public pages show title, description and first name only."""

    contest = models.ForeignKey(Contest, on_delete=models.CASCADE, related_name="entries")
    # One to one, so that a form sent twice makes one entry.
    upload = models.OneToOneField(Upload, on_delete=models.RESTRICT, related_name="entry")
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    first_name = models.CharField(_("name"), max_length=60)
    last_name = models.CharField(_("surname"), max_length=60)
    email = models.EmailField(_("e-mail"))
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    manage_token = models.CharField(max_length=64, unique=True, default=new_token)
    # The conversion whose renditions the public sees; set in the transaction that finishes it.
    published = models.OneToOneField(
        "contests.Conversion", on_delete=models.SET_NULL, null=True, related_name="published_as"
    )
    submitted_at = models.DateTimeField(auto_now_add=True)
    # Since then it is not in the contest any more, and its files are gone. Never undone.
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return f"entry {self.pk}"

    def get_absolute_url(self) -> str:
        """Return the entry's place on the contest's public page."""
        return f"{self.contest.get_absolute_url()}?video_id={self.pk}"

    @property
    def manage_url(self) -> str:
        """The participant's private page (a path; the token in it is a secret)."""
        return reverse("participants:entry", args=[self.manage_token])
