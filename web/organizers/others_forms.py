"""What the team types about a video that it submits for somebody else."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.addresses import check_domain
from contests.models import Contest, Entry


class OtherForm(forms.ModelForm):
    """One video of many. Its author may have no e-mail; categories go by their names."""

    class Meta:
        model = Entry
        fields = ("title", "first_name", "last_name", "email", "category", "description")
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, contest: Contest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"] = forms.ModelChoiceField(
            contest.categories.all(),
            to_field_name="name",
            required=False,
            empty_label="—",
            label=self.fields["category"].label,
            error_messages={"invalid_choice": _("There is no category “%(value)s”.")},
        )

    def clean_email(self) -> str:
        """Refuse an address that no mail can be sent to. Raises ValidationError."""
        email: str = self.cleaned_data["email"]
        if email:
            check_domain(email)
        return email

    def told(self, *, all_typed: bool = True) -> dict[str, list[str]]:
        """Return what is wrong, by field; but for what is missing, unless `all_typed`."""
        return {
            name: [str(text) for error in errors for text in error.messages]
            for name, errors in self.errors.as_data().items()
            if all_typed or {error.code for error in errors} != {"required"}
        }
