"""What a voter types."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.addresses import check_domain
from contests.models import Report


class KeyForm(forms.Form):
    """What opens a private contest: its password, or a code."""

    key = forms.CharField(
        label=_("Password or code"),
        max_length=100,
        strip=False,  # a password may begin or end with blanks
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )


class CodeForm(forms.Form):
    """A printed code to vote with."""

    code = forms.CharField(
        label=_("Your code"),
        max_length=40,
        help_text=_("Capital or small letters, with or without hyphens: all the same."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )


class EmailForm(forms.Form):
    """The address to which the link goes that confirms a vote."""

    email = forms.EmailField(
        label=_("Your e-mail"),
        max_length=254,
        validators=[check_domain],
        help_text=_("We send you a link that confirms your vote. Nobody sees your address."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )


class DataForm(EmailForm):
    """The address to which the link goes that leads a voter to their own data."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = _("The one you voted with.")
        del self.fields["email"].widget.attrs["autofocus"]


class ReportForm(forms.ModelForm):
    """What is wrong, in a choice and in words."""

    class Meta:
        model = Report
        fields = ("reason", "text")
        widgets = {"reason": forms.RadioSelect, "text": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason: Any = self.fields["reason"]
        reason.choices = Report.Reason.choices
        reason.error_messages["required"] = _("Choose what is wrong.")
