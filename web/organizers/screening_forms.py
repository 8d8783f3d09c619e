"""What a team may look for among its contest's videos."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contests.models import Contest, Moderation, State
from contests.screening import Wanted
from contests.searching import MOST_LETTERS


class ScreeningForm(forms.Form):
    """The filters above the list. What makes no sense is left out, and the list is longer."""

    moderation = forms.ChoiceField(
        choices=[("", ""), *Moderation.choices], required=False, widget=forms.HiddenInput
    )
    q = forms.CharField(
        label=_("Search"),
        max_length=MOST_LETTERS,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Title, name or e-mail")}),
    )
    state = forms.ChoiceField(
        label=_("Conversion"), choices=[("", _("All")), *State.choices], required=False
    )
    category: Any = forms.ModelChoiceField(
        label=_("Category"), queryset=None, required=False, empty_label=_("All")
    )
    only = forms.ChoiceField(
        label=_("Only"),
        choices=[
            ("", _("All")),
            ("reported", _("Reported by visitors")),
            ("duplicates", _("The same file twice")),
        ],
        required=False,
    )

    def __init__(self, contest: Contest, data: Any) -> None:
        super().__init__(data, auto_id="find-%s")
        categories: Any = self.fields["category"]
        categories.queryset = contest.categories.all()
        if not contest.categories.exists():
            del self.fields["category"]

    def wanted(self) -> Wanted:
        """Return what is looked for, as far as it makes sense."""
        self.is_valid()
        data = self.cleaned_data
        category = data.get("category")
        return Wanted(
            moderation=data.get("moderation", ""),
            state=data.get("state", ""),
            category=category.pk if category else None,
            only=data.get("only", ""),
            words=data.get("q", ""),
        )

    def is_narrow(self) -> bool:
        """Say whether more than the decision is looked for."""
        return any(self.cleaned_data.get(name) for name in ("q", "state", "category", "only"))
