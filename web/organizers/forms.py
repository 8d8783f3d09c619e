"""The contest form."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from contests import images
from contests.models import Contest

DATES = ("submissions_open", "submissions_close", "voting_open", "voting_close")
RESERVED = ("nuevo",)  # /organizador/nuevo/ is a page of ours
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


class ContestForm(forms.ModelForm):
    """Creates or edits a contest. Dates are typed, and shown again, in the contest's zone."""

    zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("All dates below are on this zone's clock.")
    )
    submissions_open = LocalDateTimeField(label=_("Submissions open on"))
    submissions_close = LocalDateTimeField(label=_("Submissions close on"))
    voting_open = LocalDateTimeField(label=_("Voting opens on"))
    voting_close = LocalDateTimeField(label=_("Voting closes on"))
    image = forms.FileField(
        label=_("Image"),
        required=False,
        help_text=_("JPEG, PNG or WebP, up to 10 MB. A wide one looks best."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
        error_messages={"empty": _("The file is empty. Choose another.")},
    )
    remove_image = forms.BooleanField(label=_("Remove the current image"), required=False)

    class Meta:
        model = Contest
        fields = ("name", "url", "description", "visibility", "zone", *DATES)
        help_texts = {
            "url": _("The last part of the contest's address. Changing it breaks links to it."),
            "description": _("What it is about, the rules, the prizes. Plain text."),
        }
        widgets = {"visibility": forms.RadioSelect, "description": forms.Textarea({"rows": 6})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contest: Contest = self.instance
        zone = self.fields["zone"]
        assert isinstance(zone, forms.ChoiceField)
        zone.choices = zone_choices(contest.zone)
        if contest.pk:
            for name in DATES:
                local = getattr(contest, name).astimezone(contest.tzinfo)
                self.initial[name] = local.replace(tzinfo=None)
        if not contest.image_key:
            del self.fields["remove_image"]

    def clean_url(self) -> str:
        """Refuse an address that one of our own pages has."""
        url: str = self.cleaned_data["url"]
        if url in RESERVED:
            raise forms.ValidationError(_("This address is ours. Choose another."))
        return url

    def clean_image(self) -> UploadedFile | None:
        """Refuse what is too big to look at."""
        image: UploadedFile | None = self.cleaned_data["image"]
        if image and image.size and image.size > images.MAX_BYTES:
            raise forms.ValidationError(_("The file is too big. Choose one of up to 10 MB."))
        return image

    def clean(self) -> dict[str, Any]:
        """Put the dates on the world's clock, with the contest's zone."""
        data = super().clean() or self.cleaned_data
        if "zone" in data:
            for name in DATES:
                if data.get(name):
                    self._to_utc(name, data[name], ZoneInfo(data["zone"]))
        if data.get("image") and self.errors:
            self.add_error("image", _("Choose the image again: files are not kept on an error."))
        return data

    def _to_utc(self, name: str, local: datetime, zone: ZoneInfo) -> None:
        # An hour that the autumn's change repeats is taken the first time it comes.
        moment = local.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) != local:
            text = _("This hour does not exist in the time zone: its clocks are put forward then.")
            self.add_error(name, text)
        else:
            self.cleaned_data[name] = moment
