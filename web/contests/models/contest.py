"""A contest and its dates."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contests.models.team import Member


class Phase(models.TextChoices):
    """Where a contest stands; what is allowed is asked of the contest, never of the phase."""

    DRAFT = "draft", _("Draft")
    SOON = "soon", _("Not open yet")
    SUBMISSIONS = "submissions", _("Submissions open")
    VOTING = "voting", _("Voting open")
    CLOSED = "closed", _("Closed")
    PUBLISHED = "published", _("Result published")


class Visibility(models.TextChoices):
    """Who finds a contest, and who gets in."""

    PUBLIC = "public", _("Public: listed on the front page")
    UNLISTED = "unlisted", _("Unlisted: only people who have the address")
    PRIVATE = "private", _("Private: only people with the password or an invitation")


class ContestQuerySet(models.QuerySet["Contest"]):
    """Which contests somebody may know of."""

    def announced(self) -> "ContestQuerySet":
        """Leave out drafts, which are their team's alone."""
        return self.filter(announced_at__isnull=False)

    def of_team(self, user: Any, *roles: str) -> "ContestQuerySet":
        """Keep those in whose team a person is, in one of these roles (in any without)."""
        mine = {"role__in": roles} if roles else {}
        return self.filter(
            models.Exists(Member.objects.filter(contest=models.OuterRef("pk"), user=user, **mine))
        )


class Contest(models.Model):
    """One contest with a page of its own at `/concurso/<url>/`. All times are stored in UTC."""

    # Who runs it stands in its team. Instances of the version before read this column while they
    # are being replaced; the version after this one drops it.
    organizer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
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
    contact = models.CharField(
        _("contact"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text=_("How people reach you: an address, a telephone, a page. Everybody sees it."),
    )
    # --- how it looks
    image_key = models.CharField(max_length=80, blank=True, editable=False)
    logo_key = models.CharField(
        max_length=80, blank=True, default="", db_default="", editable=False
    )
    accent = models.CharField(
        _("colour"),
        max_length=7,
        blank=True,
        default="",
        db_default="",
        validators=[RegexValidator(r"^#[0-9a-f]{6}\Z", _("A colour looks like “#0b6358”."))],
    )
    # --- who gets in
    visibility = models.CharField(
        _("visibility"), max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC
    )
    # Of a private one: hashed as Django hashes any password; empty, only invitations open it.
    password = models.CharField(
        max_length=128, blank=True, default="", db_default="", editable=False
    )
    # Who has it sees the contest before it is announced; empty, nobody but the team does.
    preview_token = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )
    by_invitation = models.BooleanField(
        _("only with an invitation code"), default=False, db_default=False
    )
    moderated = models.BooleanField(
        _("show videos once the team has approved them"), default=False, db_default=False
    )
    # --- its dates
    # Since then it is no draft any more: the dates below count, and the public knows of it.
    announced_at = models.DateTimeField(null=True, editable=False)
    zone = models.CharField(_("time zone"), max_length=60, default="America/Bogota")
    submissions_open = models.DateTimeField(_("submissions open"))
    submissions_close = models.DateTimeField(_("submissions close"))
    voting_open = models.DateTimeField(_("voting opens"))
    voting_close = models.DateTimeField(_("voting closes"))
    results_at = models.DateTimeField(_("the result is published"), null=True, blank=True)
    grace_minutes = models.PositiveSmallIntegerField(
        _("grace for uploads"),
        default=0,
        db_default=0,
        validators=[MaxValueValidator(24 * 60)],
        help_text=_("Minutes that an upload begun in time may still take after submissions close."),
    )
    live_counts = models.BooleanField(
        _("show the votes while voting is open"), default=True, db_default=True
    )
    # --- its limits; None: none but the site's
    max_entries = models.PositiveSmallIntegerField(
        _("videos per person"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    max_seconds = models.PositiveIntegerField(
        _("longest video"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    max_bytes = models.BigIntegerField(
        _("biggest file"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    # How long people's data are kept after voting closes; None: until somebody deletes them.
    retention_days = models.PositiveSmallIntegerField(
        _("days until personal data are erased"), null=True, blank=True
    )
    erased_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ContestQuerySet.as_manager()

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
            ("results_at", "voting_close", False, _("Not before voting closes.")),
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

    @property
    def erasure_due(self) -> datetime | None:
        """When the data of its people are erased; None: never by itself."""
        if self.retention_days is None:
            return None
        return self.voting_close + timedelta(days=self.retention_days)

    def keeps_people(self, now: datetime) -> bool:
        """Say whether somebody's data would still be kept; afterwards nobody's are taken."""
        return self.erasure_due is None or now < self.erasure_due

    def accepts_entries(self, now: datetime) -> bool:
        """Say whether a video may be submitted."""
        return bool(self.announced_at) and self.submissions_open <= now < self.submissions_close

    def accepts_votes(self, now: datetime) -> bool:
        """Say whether a vote may be cast or changed."""
        return bool(self.announced_at) and self.voting_open <= now < self.voting_close

    def accepts_withdrawals(self, now: datetime) -> bool:
        """Say whether a video may be withdrawn: until the result stands."""
        return now < self.voting_close

    def phase(self, now: datetime) -> Phase:
        """Return the phase to show. Voting may begin while submissions are still open."""
        if not self.announced_at:
            return Phase.DRAFT
        if now < self.submissions_open:
            return Phase.SOON
        if self.accepts_votes(now):
            return Phase.VOTING
        if self.accepts_entries(now):
            return Phase.SUBMISSIONS
        if self.results_at and now >= self.results_at:
            return Phase.PUBLISHED
        return Phase.CLOSED

    def shows_counts(self, now: datetime) -> bool:
        """Say whether the public may see how many votes each video has."""
        return self.live_counts or bool(self.results_at and now >= self.results_at)

    def phase_text(self, now: datetime) -> str:
        """Return the phase in words; between submissions and voting it is closed, but not over."""
        phase = self.phase(now)
        if phase == Phase.CLOSED and now < self.voting_open:
            return gettext("Voting opens soon")
        return str(phase.label)
