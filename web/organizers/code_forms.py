"""Making codes, and finding them again."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contests import issuing
from contests.models import Code, Contest

_FAR = timedelta(days=10 * 365)


class MakeForm(forms.Form):
    """How many codes, what for, and until when."""

    kind = forms.ChoiceField(label=_("What for"), choices=Code.Kind.choices)
    number = forms.IntegerField(
        label=_("How many"), min_value=1, max_value=issuing.MOST_AT_ONCE, initial=30
    )
    label = forms.CharField(
        label=_("Name of the group"),
        required=False,
        max_length=80,
        help_text=_("Such as “class 4b”: to find them again. It is printed with them."),
    )
    max_uses = forms.IntegerField(
        label=_("Uses of each"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=_("Empty: any number. A code to vote with is always one person's."),
    )
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("They are good until this day is over where the contest is. Empty: for good."),
    )

    def __init__(self, contest: Contest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contest = contest

    def about(self) -> dict[str, Any]:
        """What the codes have in common, for issuing.make."""
        data = self.cleaned_data
        return {
            "label": data["label"],
            "max_uses": data["max_uses"],
            "expires_at": self._midnight_after(data["last_day"]) if data["last_day"] else None,
        }

    def _midnight_after(self, day: Any) -> datetime:
        return datetime.combine(day + timedelta(days=1), time(), self.contest.tzinfo)

    def clean_last_day(self) -> Any:
        """Refuse a day that is over, and one that nobody will see."""
        day = self.cleaned_data["last_day"]
        if day is None:
            return None
        today = timezone.now().astimezone(self.contest.tzinfo).date()
        if not today <= day <= today + _FAR:
            raise forms.ValidationError(_("Choose a day from today on."))
        return day


class FilterForm(forms.Form):
    """Which codes to list; what makes no sense lists all."""

    q = forms.CharField(required=False, max_length=80)
    kind = forms.ChoiceField(
        label=_("What for"), required=False, choices=[("", _("All")), *Code.Kind.choices]
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), *issuing.Standing.choices]
    )
