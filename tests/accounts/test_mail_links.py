"""Where the links of account mails lead."""

import re

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
ELSEWHERE = {"host": "localhost:1337"}  # a port of this machine on which somebody else listens


def addresses() -> set[str]:
    """Return the addresses that the one mail's links begin with."""
    (sent,) = mail.outbox
    return set(re.findall(r"https?://[^/\s]+", str(sent.body)))


@pytest.mark.parametrize("known", [True, False])
def test_a_new_password_is_chosen_at_our_address_only(client: Client, known: bool) -> None:
    email = make_user().email if known else "nobody@example.org"
    client.post(reverse("account_reset_password"), {"email": email}, headers=ELSEWHERE)
    assert addresses() == {settings.WEB_URL}


@pytest.mark.parametrize("known", [True, False])
def test_an_account_is_confirmed_at_our_address_only(client: Client, known: bool) -> None:
    email = make_user().email if known else "nobody@example.org"
    fields = {"email": email, "password1": PASSWORD, "password2": PASSWORD}
    client.post(reverse("account_signup"), fields, headers=ELSEWHERE)
    assert addresses() == {settings.WEB_URL}
