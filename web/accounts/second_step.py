"""Two-step sign-in: allauth's own, with its secrets encrypted, and asked for where we need it."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar
from urllib.parse import urlencode

import segno
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.totp.views import ActivateTOTPView
from cryptography.fernet import Fernet, InvalidToken
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

BACK = "back_from_second_step"  # in the session: the page that asked somebody to set it up


class Adapter(DefaultMFAAdapter):
    """Allauth's own, with our words; what is stored is of no use without the service's key."""

    error_messages: ClassVar = {
        "add_email_blocked": _(
            "With two-step sign-in no address can be added. Turn it off first, and on again after."
        ),
        "cannot_delete_authenticator": _("Two-step sign-in cannot be turned off."),
        "cannot_generate_recovery_codes": _("Set up two-step sign-in first."),
        "incorrect_code": _(
            "This code is not right, or was used already. Type the one that the app shows now."
        ),
        "unverified_email": _("Confirm your e-mail address first; then set up two-step sign-in."),
    }

    def build_totp_svg(self, url: str) -> str:
        """Draw a QR code that stands in the page itself: our pages load no data: picture."""
        return segno.make_qr(url).svg_inline(scale=4)

    def encrypt(self, text: str) -> str:
        """Encrypt a secret for the database."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt a stored secret; one that our key does not open becomes one nobody knows.

        So after a change of the key nobody's codes are right, and no page fails.
        """
        try:
            return _box().decrypt(encrypted_text).decode()
        except InvalidToken:
            return str(generate_totp_secret())


class SetUp(ActivateTOTPView):
    """Allauth's page, but the code that sets the second step up is its first use, too."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Set it up."""
        answer: HttpResponse = super().form_valid(form)
        mine = Authenticator.objects.filter(user=self.request.user, type="totp").latest("pk")
        if mine.wrap().validate_code(form.cleaned_data["code"]):  # which can't be used again
            post_authentication(self.request, mine)
        return answer


def missing(request: HttpRequest, must_have: bool) -> HttpResponse | None:
    """Lead a person who has not used their second step in this session to where they do.

    None: nothing is missing. `must_have`: who has no second step is led to set one up; without it
    nothing is missing to them.
    """
    mine = dict(Authenticator.objects.filter(user=request.user.pk).values_list("pk", "type"))
    # One comes back to a whole page: to no form's answer, nor to a part that htmx asked for.
    whole = request.method in {"GET", "HEAD"} and "HX-Request" not in request.headers
    back = request.get_full_path() if whole else reverse("ops:fleet")
    if Authenticator.Type.TOTP not in mine.values():
        if not must_have:
            return None
        request.session[BACK] = back
        return redirect("mfa_activate_totp")
    records = get_authentication_records(request, request.user)
    # One used before it was replaced, perhaps because a phone was stolen, counts for nothing.
    if any(each["method"] == "mfa" and each.get("id") in mine for each in records):
        return None
    return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': back})}")


def kept(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let only who has used the second step change it: a password and an old session won't do."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return missing(request, must_have=False) or view(request, *args, **kwargs)

    return checked


def _box() -> Fernet:
    key = salted_hmac("accounts.second_step", "", algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(key))
