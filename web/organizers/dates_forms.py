"""Forms with dates on the contest's own clock: of a new contest, and of one that is there."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from contests.models import Contest
from organizers.forms import check_address

DATES = ("submissions_open", "submissions_close", "voting_open", "voting_close")
_YEARS = range(2000, 2101)
_REGIONS = (
    "America", "Europe", "Africa", "Asia", "Australia", "Pacific", "Atlantic", "Indian",
    "Antarctica", "Arctic",
)  # fmt: skip


def zone_choices(chosen: str = "") -> list[tuple[str, list[tuple[str, str]]]]:
    """Return all time zones by region, and `chosen` even if it has an old name."""
    names = sorted(available_timezones())
    groups = [
        (region, [(name, _label(name)) for name in names if name.startswith(f"{region}/")])
        for region in _REGIONS
    ]
    listed = {name for _, group in groups for name, _ in group}
    others = ["UTC", chosen] if chosen in names and chosen not in listed else ["UTC"]
    return [*groups, ("UTC", [(name, name) for name in dict.fromkeys(others)])]


def _label(name: str) -> str:
    return name.split("/", 1)[1].replace("_", " ").replace("/", ", ")


class LocalDateTimeField(forms.DateTimeField):
    """A date and time on the contest's own clock; its form turns it into UTC."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> Any:
        """Return a datetime without a zone, or None. Raises ValidationError."""
        if value in self.empty_values:
            return None
        try:
            parsed = parse_datetime(str(value).strip())
        except ValueError:
            parsed = None
        if parsed is None or parsed.tzinfo or parsed.year not in _YEARS:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return parsed


class _ZonedForm(forms.ModelForm):
    """Dates are typed, and shown again, on the clock of the zone that is chosen above them."""

    zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("All dates below are on this zone's clock.")
    )
    submissions_open = LocalDateTimeField(label=_("Submissions open on"))
    submissions_close = LocalDateTimeField(label=_("Submissions close on"))
    voting_open = LocalDateTimeField(label=_("Voting opens on"))
    voting_close = LocalDateTimeField(label=_("Voting closes on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contest: Contest = self.instance
        zone = self.fields["zone"]
        assert isinstance(zone, forms.ChoiceField)
        zone.choices = zone_choices(contest.zone)
        for name in self.dates() if contest.pk else ():
            if moment := getattr(contest, name):
                self.initial[name] = moment.astimezone(contest.tzinfo).replace(tzinfo=None, fold=0)

    def dates(self) -> list[str]:
        """Return the names of the fields that hold a date, in their order."""
        return [n for n, field in self.fields.items() if isinstance(field, LocalDateTimeField)]

    def clean(self) -> dict[str, Any]:
        """Put the dates on the world's clock, with the contest's zone."""
        data = super().clean() or self.cleaned_data
        if "zone" in data:
            for name in self.dates():
                if data.get(name):
                    self._to_utc(name, data[name], ZoneInfo(data["zone"]))
        return data

    def _to_utc(self, name: str, local: datetime, zone: ZoneInfo) -> None:
        shown, contest = self.initial.get(name), self.instance
        if shown and shown.replace(second=0, microsecond=0) == local and zone.key == contest.zone:
            # Left alone: to the second, and in an hour that comes twice still the same one.
            self.cleaned_data[name] = getattr(contest, name)
            return
        # An hour that the autumn's change repeats is taken the first time it comes.
        moment = local.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) != local:
            text = _("This hour does not exist in the time zone: its clocks are put forward then.")
            self.add_error(name, text)
        else:
            self.cleaned_data[name] = moment


class NewContestForm(_ZonedForm):
    """Makes a contest; all else has its page among the settings."""

    class Meta:
        model = Contest
        fields = ("name", "url", "description", "visibility", "zone", *DATES)
        help_texts = {
            "url": _("The last part of the contest's address."),
            "description": _("What it is about, the prizes. Plain text."),
        }
        widgets = {"visibility": forms.RadioSelect, "description": forms.Textarea({"rows": 5})}

    def clean_url(self) -> str:
        """Refuse an address that one of our own pages has."""
        return check_address(self.cleaned_data["url"])


class DatesForm(_ZonedForm):
    """Changes when what happens."""

    results_at = LocalDateTimeField(
        label=_("The result is published on"),
        required=False,
        help_text=_("Empty: when you publish it, with the button on this page."),
    )

    class Meta:
        model = Contest
        fields = ("zone", *DATES, "results_at", "grace_minutes", "live_counts")
