"""Codes that open something to whoever has one."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from contests.models.contest import Contest


class Code(models.Model):
    """A code that an organizer gave away, on paper or in a mail."""

    class Kind(models.TextChoices):
        ENTER = "enter", _("Opens a private contest")
        SUBMIT = "submit", _("Lets somebody take part")
        LATE = "late", _("Lets somebody submit after the deadline")
        VOTE = "vote", _("Votes without an e-mail")

    contest = models.ForeignKey(Contest, on_delete=models.CASCADE, related_name="codes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # Without what looks alike (0 O, 1 I L); typed in any case, with or without hyphens.
    code = models.CharField(max_length=20)
    label = models.CharField(_("label"), max_length=80, blank=True)  # such as "class 4b"
    uses = models.PositiveIntegerField(default=0)
    max_uses = models.PositiveIntegerField(null=True)  # None: any number
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["contest", "code"], name="one_code_per_contest"),
        )

    def __str__(self) -> str:
        return f"code {self.pk}"
