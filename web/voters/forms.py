"""What a voter types."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.addresses import check_domain


class EmailForm(forms.Form):
    """The address to which the link goes that confirms a vote."""

    email = forms.EmailField(
        label=_("Your e-mail"),
        max_length=254,
        validators=[check_domain],
        help_text=_("We send you a link that confirms your vote. Nobody sees your address."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )
