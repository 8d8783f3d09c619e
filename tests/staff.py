"""Staff, and the second step they sign in with."""

import base64
import hashlib
import hmac
import struct
import time

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY as WHOSE,
)
from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY as METHODS,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from accounts.models import User
from tests.factories import make_user
from tests.waiting import until

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def make_staff(email: str = "", *, superuser: bool = False) -> User:
    """Somebody of the staff, without a second step."""
    person = make_user(email)
    person.is_staff, person.is_superuser = True, superuser
    person.save()
    return person


def add_second_step(person: User) -> Authenticator:
    """Give a person an authenticator app that knows `SECRET`, and recovery codes."""
    app = TOTP.activate(person, SECRET)
    RecoveryCodes.activate(person)
    return app.instance


def code(secret: str = SECRET, at: float | None = None, seconds: int = 4) -> str:
    """The six digits an app shows, now or `at` a time (seconds since 1970): RFC 6238.

    One that is shown now is right for so many `seconds` at least, in which it is typed.
    """
    if at is None:
        until(lambda: time.time() % 30 < 30 - seconds)
        at = time.time()
    counter = struct.pack(">Q", int(at) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06}"


def sign_in(client: Client, person: User | None = None) -> User:
    """Sign somebody of the staff in at once, as if they had typed password and code."""
    person = person or make_staff()
    app = add_second_step(person)
    client.force_login(person)
    session = client.session
    session[METHODS] = [{"method": "mfa", "at": time.time(), "id": app.pk, "type": "totp"}]
    session[WHOSE] = str(person.pk)
    session.save()
    return person
