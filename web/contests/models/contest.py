"""A contest and its dates."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Phase(models.TextChoices):
    """Where a contest stands; what is allowed is asked of the contest, never of the phase."""

    DRAFT = "draft", _("Not open yet")
    SUBMISSIONS = "submissions", _("Submissions open")
    VOTING = "voting", _("Voting open")
    CLOSED = "closed", _("Closed")


class Visibility(models.TextChoices):
    """Who finds a contest."""

    PUBLIC = "public", _("Public: listed on the front page")
    UNLISTED = "unlisted", _("Unlisted: only people who have the address")


class Contest(models.Model):
    """One contest with a page of its own at `/concurso/<url>/`. All times are stored in UTC."""

    organizer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contests"
    )
    name = models.CharField(_("name"), max_length=120)
    url = models.CharField(
        _("address"),
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9]+(-[a-z0-9]+)*\Z",
                _("Use small letters, digits and single hyphens, for example “short-films-2026”."),
            )
        ],
        error_messages={"unique": _("Another contest already has this address. Choose another.")},
    )
    description = models.TextField(_("description"), max_length=5000, blank=True)
    image_key = models.CharField(max_length=80, blank=True, editable=False)
    visibility = models.CharField(
        _("visibility"), max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC
    )
    zone = models.CharField(_("time zone"), max_length=60, default="America/Bogota")
    submissions_open = models.DateTimeField(_("submissions open"))
    submissions_close = models.DateTimeField(_("submissions close"))
    voting_open = models.DateTimeField(_("voting opens"))
    voting_close = models.DateTimeField(_("voting closes"))
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Check what needs more than one field. Raises ValidationError, each text at its field."""
        super().clean()
        errors = {}
        if self.zone and self.zone not in available_timezones():
            errors["zone"] = _("There is no time zone of this name.")
        # Each date (the first) with the one that it must not precede, strictly or not. A field
        # that could not be read is None and has its own error already.
        for later, earlier, strictly, text in (
            ("submissions_close", "submissions_open", True, _("Must be after submissions open.")),
            ("voting_close", "voting_open", True, _("Must be after voting opens.")),
            ("voting_open", "submissions_open", False, _("Not before submissions open.")),
            ("voting_close", "submissions_close", False, _("Not before submissions close.")),
        ):
            date, limit = getattr(self, later), getattr(self, earlier)
            if date and limit and (date < limit or (strictly and date == limit)):
                errors.setdefault(later, text)
        if errors:
            raise ValidationError(errors)

    def get_absolute_url(self) -> str:
        """Return the contest's page."""
        return reverse("voters:contest", args=[self.url])

    @property
    def tzinfo(self) -> ZoneInfo:
        """The zone in which the contest's dates are shown and entered."""
        return ZoneInfo(self.zone)

    def accepts_entries(self, now: datetime) -> bool:
        """Say whether a video may be submitted."""
        return self.submissions_open <= now < self.submissions_close

    def accepts_votes(self, now: datetime) -> bool:
        """Say whether a vote may be cast or changed."""
        return self.voting_open <= now < self.voting_close

    def accepts_withdrawals(self, now: datetime) -> bool:
        """Say whether a video may be withdrawn: until the result stands."""
        return now < self.voting_close

    def phase(self, now: datetime) -> Phase:
        """Return the phase to show. Voting may begin while submissions are still open."""
        if now < self.submissions_open:
            return Phase.DRAFT
        if self.accepts_votes(now):
            return Phase.VOTING
        if self.accepts_entries(now):
            return Phase.SUBMISSIONS
        return Phase.CLOSED

    def phase_text(self, now: datetime) -> str:
        """Return the phase in words; between submissions and voting it is closed, but not over."""
        phase = self.phase(now)
        if phase == Phase.CLOSED and now < self.voting_open:
            return gettext("Voting opens soon")
        return str(phase.label)
