"""Texts of allauth and Django that our Spanish words anew.

Their Spanish says usted to the reader where all of ours says tú. A text that stands here is
collected into our catalogue, which goes before theirs; nothing imports this file.
"""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

TEXTS = (
    _("Already have an account? Then please %(link)ssign in%(end_link)s."),
    _("If you have not created an account yet, then please %(link)ssign up%(end_link)s first."),
    _("Forgot your password?"),
    _("You have confirmed %(email)s."),
    _("Re-send Verification"),
    _("You cannot add more than %d email addresses."),
    _("Are you sure you want to sign out?"),
    _("Successfully signed in as %(name)s."),
    _("You have signed out."),
    _("Too many failed login attempts. Try again later."),
    _("Please reauthenticate to safeguard your account."),
    _("Enter your password:"),
    _("Please type your current password."),
    _("The email address and/or password you specified are not correct."),
    _("The following email addresses are associated with your account:"),
    _("Do you really want to remove the selected email address?"),
    _("You cannot remove your primary email address."),
    _("You cannot remove your primary email address (%(email)s)."),
    _("Your primary email address must be verified."),
    _("You must type the same password each time."),
    _("Your password has been changed."),
    _("Your password has been reset."),
    _("Your password can’t be a commonly used password."),
    _("Your password can’t be entirely numeric."),
    _("Your password can’t be too similar to your other personal information."),
    _("Enter a valid email address."),
    _("Enter a valid date/time."),
    _("Select a valid choice. %(value)s is not one of the available choices."),
    ngettext_lazy(
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
    ),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
    ),
)
