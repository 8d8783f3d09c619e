"""What visitors tell the team about an entry."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from contests.models.entry import Entry
from contests.models.event import Event


class Report(models.Model):
    """One visitor's report of an entry. Nothing in it tells who the visitor was."""

    class Reason(models.TextChoices):
        RIGHTS = "rights", _("It is somebody else's work")
        PERSON = "person", _("It shows somebody who did not agree")
        VIOLENCE = "violence", _("Violence, hate or sexual content")
        SPAM = "spam", _("Advertising, or nothing to do with the contest")
        OTHER = "other", _("Something else")

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="reports")
    reason = models.CharField(_("what is wrong"), max_length=10, choices=Reason.choices)
    text = models.TextField(_("in your words"), max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, db_index=True)
    # What closed it: the team's decision on the entry, or a "there is nothing wrong".
    closed_by = models.ForeignKey(Event, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"report {self.pk}"
