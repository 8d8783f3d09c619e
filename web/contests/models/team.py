"""Who runs a contest."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contests.models.tokens import new_token


class Role(models.TextChoices):
    """What a member of the team may do."""

    OWNER = "owner", _("Owner: everything")
    MODERATOR = "moderator", _("Moderator: looks after the videos")


class Member(models.Model):
    """A person in a contest's team. There is always an owner."""

    contest = models.ForeignKey("contests.Contest", on_delete=models.CASCADE, related_name="team")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role.choices)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["contest", "user"], name="one_membership_per_person"),
        )

    def __str__(self) -> str:
        return f"member {self.pk}"


class TeamInvitation(models.Model):
    """An invitation into a team, mailed to somebody who may not have an account yet."""

    contest = models.ForeignKey(
        "contests.Contest", on_delete=models.CASCADE, related_name="team_invitations"
    )
    email = models.EmailField()  # in small letters
    role = models.CharField(max_length=10, choices=Role.choices)
    token = models.CharField(max_length=64, unique=True, default=new_token)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["contest", "email"], name="one_invitation_per_address"),
        )

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    def get_absolute_url(self) -> str:
        """Return the page on which it is followed (a path; the token in it is a secret)."""
        return reverse("organizers:join", args=[self.token])
