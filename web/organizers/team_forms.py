"""Inviting somebody into the team."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.addresses import check_domain
from contests.models import Role


class InvitationForm(forms.Form):
    """Whom, and as what."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        validators=[check_domain],
        help_text=_("We mail a link to join with, good once and for 30 days."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, widget=forms.RadioSelect)
