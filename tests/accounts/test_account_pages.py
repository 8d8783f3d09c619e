"""Opening an account, logging in and out, a forgotten password: the journeys and their mails."""

import email
import email.policy
import re
import socket
from email.message import EmailMessage
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as configured
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

SIGNUP = reverse("account_signup")
LOGIN = reverse("account_login")
RESET = reverse("account_reset_password")
SENT = reverse("account_email_verification_sent")


@pytest.fixture(autouse=True)
def _mail_as_in_service(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "backends.mail.EmlBackend"


def mails() -> list[EmailMessage]:
    """Return all mails sent, oldest first."""
    files = sorted(Path(configured.MAIL_ROOT).glob("*.eml"))
    return [
        email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files
    ]


def body(mail: EmailMessage) -> str:
    part = mail.get_body()
    assert part
    return str(part.get_content())


def path_in(mail: EmailMessage) -> str:
    """Return the path of the one link into the account pages."""
    (path,) = re.findall(r"http://localhost:8000(/\S+)", body(mail))
    return str(path)


def sign_up(client: Client, address: str = "ada@example.org", **headers: str) -> None:
    fields = {"email": address, "password1": PASSWORD, "password2": PASSWORD}
    response = client.post(SIGNUP, fields, headers=headers)
    assert (response.status_code, response.headers["Location"]) == (302, SENT)


def log_in(client: Client, address: str = "ada@example.org", password: str = PASSWORD) -> bool:
    """Try, and say whether it went through."""
    client.post(LOGIN, {"login": address, "password": password})
    return "_auth_user_id" in client.session


def test_an_account_is_used_once_its_address_is_confirmed_by_the_button(client: Client) -> None:
    sign_up(client)
    assert not log_in(client)
    (mail,) = mails()
    assert mail["To"] == "ada@example.org"
    link = path_in(mail)
    page = client.get(link)
    assert page.status_code == 200
    assert not EmailAddress.objects.get().verified  # opening is not confirming
    client.post(link)
    assert EmailAddress.objects.get().verified
    assert log_in(client)
    assert client.get(reverse("organizers:contests")).status_code == 200


def test_createsuperuser_makes_staff_who_confirm_their_address_like_everybody(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", interactive=False, email="Ops@Example.org", verbosity=0)
    assert User.objects.get(email="ops@example.org").is_staff
    assert not log_in(client, "ops@example.org")
    client.post(path_in(mails()[0]))
    assert log_in(client, "ops@example.org")
    assert client.get(reverse("ops:fleet"))["Location"] == reverse("mfa_activate_totp")


def test_a_link_that_is_no_link_says_what_to_do(client: Client) -> None:
    page = client.get(reverse("account_confirm_email", args=["MQ:forged"]))
    assert "This link has expired" in page.content.decode()


def test_mail_is_in_the_readers_language_and_quotes_nobody(client: Client) -> None:
    sign_up(client)
    (mail,) = mails()
    assert mail["Subject"].strip() == "[VideoShare] Confirm your e-mail address"
    assert body(mail).startswith("Hello,")
    assert "ada@" not in body(mail)


def test_a_taken_address_looks_like_a_free_one(client: Client) -> None:
    make_user("ada@example.org")
    sign_up(client, "ada@example.org")
    sign_up(client, "bob@example.org")
    assert User.objects.filter(email="ada@example.org").count() == 1
    subjects = [(mail["To"], mail["Subject"].strip()) for mail in mails()]
    assert subjects == [
        ("ada@example.org", "[VideoShare] You already have an account"),
        ("bob@example.org", "[VideoShare] Confirm your e-mail address"),
    ]


def test_a_forgotten_password_is_replaced_by_mail(client: Client) -> None:
    make_user("ada@example.org")
    client.post(RESET, {"email": "ada@example.org"})
    link = path_in(mails()[0])
    form = client.get(link, follow=True)
    new = "another good horse"
    done = client.post(form.request["PATH_INFO"], {"password1": new, "password2": new}, follow=True)
    assert "Sign in with your new password" in done.text
    assert "This link has expired, or it has been used already." in client.get(link).text
    assert not log_in(Client(), password=PASSWORD)
    assert log_in(Client(), password=new)


def test_what_is_wrong_with_a_form_is_said_to_tu(client: Client) -> None:
    fields = {"email": "ada", "password1": PASSWORD, "password2": PASSWORD}
    page = client.post(SIGNUP, fields, headers={"accept-language": "es"})
    assert page.context["form"].errors == {"email": ["Escribe una dirección de correo válida."]}


def test_a_reset_tells_nobody_who_has_an_account(client: Client) -> None:
    make_user("ada@example.org")
    known = client.post(RESET, {"email": "ada@example.org"})
    unknown = client.post(RESET, {"email": "bob@example.org"})
    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )
    assert [mail["To"] for mail in mails()] == ["ada@example.org", "bob@example.org"]


def test_logging_out_asks_first(client: Client) -> None:
    client.force_login(make_user())
    client.get(reverse("account_logout"))
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("address, path", [("ada@example.org", SIGNUP), ("bob@example.org", RESET)])
def test_a_mail_server_that_is_down_is_a_message(
    client: Client, settings: Settings, address: str, path: str
) -> None:
    make_user("bob@example.org")
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_PORT = server.getsockname()[1]
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    fields = {"email": address, "password1": PASSWORD, "password2": PASSWORD}
    page = client.post(path, fields, follow=True)
    assert page.status_code == 200
    shown = [str(message) for message in page.context["messages"]]
    assert shown == ["We could not send the e-mail. Please try again in a few minutes."]


@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_login",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "account_email_verification_sent",
        "account_inactive",
    ],
)
def test_every_page_of_a_visitor_wears_our_frame(client: Client, name: str) -> None:
    assert client.get(reverse(name)).content.count(b'class="site-header"') == 1


@pytest.mark.parametrize("name", ["account_email", "account_change_password", "account_logout"])
def test_every_page_of_a_person_wears_our_frame(client: Client, name: str) -> None:
    client.force_login(make_user())
    page = client.get(reverse(name)).content
    assert (page.count(b'class="site-header"'), page.count(b'placeholder="')) == (1, 0)
