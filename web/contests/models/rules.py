"""What a contest asks of its participants: rules with consents, categories, questions."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contests.models.contest import Contest


class Rules(models.Model):
    """One version of a contest's rules. Never changed: who changes the rules makes the next."""

    contest = models.ForeignKey(Contest, on_delete=models.CASCADE, related_name="rules")
    version = models.PositiveIntegerField()  # from 1
    text = models.TextField(_("rules"), max_length=20_000, blank=True)
    # [{"text": "…", "required": true}, …] in the order shown
    consents = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name_plural = "rules"
        constraints = (
            models.UniqueConstraint(fields=["contest", "version"], name="one_rules_per_version"),
        )

    def __str__(self) -> str:
        return f"rules {self.pk}"


class Acceptance(models.Model):
    """Who accepted which rules when; the participant is the entry's. Kept as it was."""

    entry = models.ForeignKey(
        "contests.Entry", on_delete=models.CASCADE, related_name="acceptances"
    )
    rules = models.ForeignKey(Rules, on_delete=models.CASCADE, related_name="acceptances")
    # The places (from 0) of the consents that were given, among those of the rules.
    consents = models.JSONField(default=list)
    accepted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"acceptance {self.pk}"


class Category(models.Model):
    """A part of a contest in which entries compete."""

    contest = models.ForeignKey(Contest, on_delete=models.CASCADE, related_name="categories")
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "categories"
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(fields=["contest", "name"], name="one_category_per_name"),
        )

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """A question of the organizer's own on the submission form."""

    class Kind(models.TextChoices):
        LINE = "line", _("One line")
        TEXT = "text", _("A longer text")
        CHOICE = "choice", _("One of several answers")
        YES_NO = "yes_no", _("Yes or no")

    contest = models.ForeignKey(Contest, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(_("question"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.LINE)
    options = models.JSONField(default=list, blank=True)  # of a CHOICE: its answers
    required = models.BooleanField(_("required"), default=False)
    public = models.BooleanField(_("everybody sees the answer"), default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.text


class Answer(models.Model):
    """An entry's answer to one question."""

    entry = models.ForeignKey("contests.Entry", on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    text = models.TextField(max_length=5000)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["entry", "question"], name="one_answer_per_question"),
        )

    def __str__(self) -> str:
        return f"answer {self.pk}"
