"""Addresses that look right but that no mail can be sent to; every form that takes one says so."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, make_contest, make_ready_entry, make_upload, make_user

pytestmark = pytest.mark.django_db

IMPOSSIBLE = ["a@" + "é" * 60 + ".com", "a@\N{SOFT HYPHEN}.com", "a@ex\N{LINE SEPARATOR}ample.org"]
REFUSAL = ["Enter a valid email address."]
impossible = pytest.mark.parametrize("email", IMPOSSIBLE)


@impossible
def test_no_account_is_opened(client: Client, email: str) -> None:
    fields = {"email": email, "password1": PASSWORD, "password2": PASSWORD}
    page = client.post(reverse("account_signup"), fields)
    assert page.context["form"].errors == {"email": REFUSAL}


@impossible
def test_no_password_is_asked_for(client: Client, email: str) -> None:
    page = client.post(reverse("account_reset_password"), {"email": email})
    assert page.context["form"].errors == {"email": REFUSAL}


@impossible
def test_no_address_is_added(client: Client, email: str) -> None:
    client.force_login(make_user())
    page = client.post(reverse("account_email"), {"email": email, "action_add": ""})
    assert page.context["form"].errors == {"email": REFUSAL}


@impossible
def test_no_video_is_submitted(client: Client, email: str) -> None:
    contest = make_contest()
    fields = {"title": "T", "first_name": "A", "last_name": "B", "email": email}
    url = reverse("participants:submit", args=[contest.url])
    page = client.post(url, fields | {"upload": make_upload(contest).token})
    assert page.context["form"].errors == {"email": REFUSAL}


@impossible
def test_no_vote_is_asked_to_be_confirmed(client: Client, email: str) -> None:
    entry = make_ready_entry()
    url = reverse("voters:vote", args=[entry.contest.url, entry.pk])
    page = client.post(url, {"value": "1", "email": email})
    assert page.context["form"].errors == {"email": REFUSAL}


def test_other_alphabets_are_welcome(client: Client) -> None:
    entry = make_ready_entry()
    url = reverse("voters:vote", args=[entry.contest.url, entry.pk])
    assert client.post(url, {"value": "1", "email": "a@señal.com"}).status_code == 302
