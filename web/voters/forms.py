"""What a voter types."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.addresses import check_domain


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


class EmailForm(forms.Form):
    """The address to which the link goes that confirms a vote."""

    email = forms.EmailField(
        label=_("Your e-mail"),
        max_length=254,
        validators=[check_domain],
        help_text=_("We send you a link that confirms your vote. Nobody sees your address."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )
