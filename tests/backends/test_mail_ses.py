"""Mail through SES: on the emulator, and on a server that says what SES says when it won't."""

import base64
import email
import email.policy
import json
import logging
import os
import subprocess
import sys
import urllib.request
import uuid
from typing import Any

import boto3
import pytest
from botocore.config import Config
from django.core.mail import EmailMultiAlternatives
from django.db.models.functions import Now
from django.urls import reverse

from backends import aws, suppression
from contests import notifying
from contests.models import Kind, Notification
from tests import emulator
from tests.answering import answering
from tests.factories import PASSWORD, make_entry, make_user
from videoshare.config import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.aws]

SENDER = "Videos <hola@videoshare.example>"


@pytest.fixture(autouse=True)
def _through_ses(aws, settings):
    settings.EMAIL_BACKEND = "backends.mail_ses.SesBackend"
    settings.DEFAULT_FROM_EMAIL = SENDER
    identities = boto3.client("ses").list_identities()["Identities"]
    if "videoshare.example" not in identities:
        boto3.client("sesv2").create_email_identity(EmailIdentity="videoshare.example")


@pytest.fixture
def ada() -> str:
    """An address of the test's own: all tests of a session share the emulator's mail."""
    return f"ada-{uuid.uuid4().hex}@example.org"


@pytest.fixture
def ses_says(monkeypatch):
    """Have SES answer with a status and an error's code (200: takes the mail); return requests."""
    says: dict[str, Any] = {}
    requests: list[dict] = []

    def answer(heard):
        requests.append(json.loads(heard.body))
        if says["status"] == 200:
            return 200, {}, json.dumps({"MessageId": "1"}).encode()
        # As SES does, it quotes whom the mail was for.
        text = json.dumps({"message": f"not to {requests[-1]['Destination']}"})
        return says["status"], {"x-amzn-ErrorType": says["code"]}, text.encode()

    def say(status, code=""):
        says.update(status=status, code=code)
        return requests

    with answering(answer) as server:
        once = Config(retries={"total_max_attempts": 1})
        client = boto3.client("sesv2", endpoint_url=server.address, config=once)
        monkeypatch.setattr(aws, "client", lambda *_, **__: client)
        yield say
        client.close()


def sent(to: str) -> list[dict]:
    """The mails to an address that the emulator took."""
    with urllib.request.urlopen(f"{os.environ['AWS_ENDPOINT_URL']}/_ministack/ses/messages") as got:
        accounts = json.load(got)["messages"]
    return [mail for mails in accounts.values() for mail in mails if to in mail["To"]]


def message(*to: str) -> EmailMultiAlternatives:
    made = EmailMultiAlternatives("Año nuevo", "Texto", to=to)
    made.attach_alternative("<p>HTML</p>", "text/html")
    return made


def told(caplog) -> list[str]:
    """What was logged by us, not by boto3 about itself."""
    ours = ("backends.", "contests.")
    return [each.getMessage() for each in caplog.records if each.name.startswith(ours)]


def notification(to: str) -> Notification:
    notifying.notify(Kind.RECEIVED, "key", language="en", entry=make_entry(email=to))
    return Notification.objects.get()


def test_ses_takes_a_notification(ada):
    waiting = notification(ada)
    assert notifying.send_due() == 1
    waiting.refresh_from_db()
    assert (waiting.sent_at is None, waiting.failures) == (False, 0)
    assert [mail["Subject"] for mail in sent(ada)] == ["We have your video"]


def test_what_ses_gets_is_the_mail_with_its_set_and_no_other_words(settings, ses_says):
    settings.ANYMAIL = {"AMAZON_SES_CONFIGURATION_SET_NAME": "videoshare"}
    requests = ses_says(200)
    assert message("ada@straße.example").send() == 1
    [request] = requests
    # No tags, which are for anybody to read in SES's metrics.
    assert set(request) == {"ConfigurationSetName", "Content", "Destination"}
    assert request["ConfigurationSetName"] == "videoshare"
    assert request["Destination"] == {"ToAddresses": ["ada@xn--strae-oqa.example"]}
    raw = base64.b64decode(request["Content"]["Raw"]["Data"])
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert (mail["Subject"], mail["From"]) == ("Año nuevo", SENDER)
    assert [name for name in mail if name.startswith("X-")] == []
    assert mail.get_body(("html",)).get_content().strip() == "<p>HTML</p>"


def test_without_a_set_none_is_named(settings, ses_says):
    settings.ANYMAIL = {"AMAZON_SES_CONFIGURATION_SET_NAME": None}
    requests = ses_says(200)
    message("ada@example.org").send()
    assert [set(each) for each in requests] == [{"Content", "Destination"}]


def test_suppressed_readers_are_left_out_of_a_mail_to_many(ses_says, caplog):
    suppression.suppress("ada@example.org", "bob@xn--strae-oqa.example", "eve@example.org")
    requests = ses_says(200)
    mail = message("Ada <Ada@Example.org>", "bob@straße.example", "joe@example.org")
    mail.cc, mail.bcc = ["eve@example.org"], ["kim@example.org"]
    with caplog.at_level(logging.INFO):
        assert mail.send() == 1
    assert [each["Destination"] for each in requests] == [
        {"ToAddresses": ["joe@example.org"], "BccAddresses": ["kim@example.org"]}
    ]
    assert told(caplog) == ["a mail to a suppressed address was dropped"] * 3


def test_a_notification_to_a_suppressed_address_is_done(ada):
    suppression.suppress(ada)
    waiting = notification(ada)
    assert notifying.send_due() == 1
    waiting.refresh_from_db()
    assert (waiting.sent_at is None, waiting.failures) == (False, 0)
    assert sent(ada) == []


def test_an_account_mail_to_a_suppressed_address_is_dropped(client, ada):
    make_user(ada)
    suppression.suppress(ada)
    page = client.post(reverse("account_reset_password"), {"email": ada}, follow=True)
    assert (page.status_code, sent(ada)) == (200, [])
    assert suppression.forgive(ada)
    client.post(reverse("account_reset_password"), {"email": ada})
    assert len(sent(ada)) == 1


@pytest.mark.parametrize(
    "status, code",
    [
        (429, "TooManyRequestsException"),
        (400, "LimitExceededException"),
        (400, "SendingPausedException"),
        (400, "AccountSuspendedException"),
        (400, "MessageRejected"),
    ],
)
def test_a_mail_that_ses_does_not_take_now_is_sent_later(ses_says, caplog, status, code):
    ses_says(status, code)
    waiting = notification("ada@example.org")
    assert notifying.send_due() == 0
    waiting.refresh_from_db()
    assert (waiting.sent_at, waiting.failures) == (None, 1)
    assert notifying.send_due() == 0  # not due yet
    assert told(caplog) == [
        f"SES did not take a mail: {code}",
        f"notification {waiting.pk} was not sent",
    ]
    assert "example.org" not in caplog.text

    ses_says(200)
    Notification.objects.update(due_at=Now())
    assert notifying.send_due() == 1
    waiting.refresh_from_db()
    assert waiting.sent_at is not None


@pytest.mark.parametrize(
    "silent, status, text",
    [
        pytest.param(True, 200, "{}", id="no answer"),
        pytest.param(False, 500, "{}", id="a fault of its own"),
        pytest.param(False, 200, "no JSON", id="an answer that says nothing"),
    ],
)
def test_a_mail_that_ses_may_have_taken_is_no_refusal(monkeypatch, silent, status, text):
    with answering(lambda _: (status, {}, text.encode())) as server:
        if silent:
            server.silent.set()
        once = Config(retries={"total_max_attempts": 1}, read_timeout=0.2)
        client = boto3.client("sesv2", endpoint_url=server.address, config=once)
        monkeypatch.setattr(aws, "client", lambda *_, **__: client)
        notification("ada@example.org")
        assert notifying.send_due() == 0
        client.close()
    row = Notification.objects.get()
    assert (row.tries, row.failures, row.sent_at) == (1, 0, None)


def test_a_mail_that_ses_could_not_be_asked_to_take_was_not_sent(monkeypatch):
    client = boto3.client(
        "sesv2",
        endpoint_url="http://127.0.0.1:9",
        config=Config(retries={"total_max_attempts": 1}),
    )
    monkeypatch.setattr(aws, "client", lambda *_, **__: client)
    notification("ada@example.org")
    assert notifying.send_due() == 0
    row = Notification.objects.get()
    assert (row.tries, row.failures, row.sent_at) == (1, 1, None)


def test_a_mail_that_cannot_be_addressed_is_an_error_without_its_address(caplog):
    with pytest.raises(OSError, match=r"^InvalidCodepoint$") as caught:
        message("ada@🎬.example").send()
    assert caught.value.__cause__ is None
    assert told(caplog) == ["SES did not take a mail: InvalidCodepoint"]


@pytest.mark.parametrize("name", ["account_signup", "account_reset_password"])
def test_account_pages_say_so_when_ses_takes_no_mail(client, ses_says, caplog, name):
    ses_says(429, "TooManyRequestsException")
    fields = {"email": "ada@example.org", "password1": PASSWORD, "password2": PASSWORD}
    answer = client.post(reverse(name), fields, follow=True)
    assert answer.status_code == 200
    shown = [str(each) for each in answer.context["messages"]]
    assert shown == ["We could not send the e-mail. Please try again in a few minutes."]
    assert "example.org" not in caplog.text


def test_the_sender_of_the_secret_chooses_ses(tmp_path):
    environ = {
        "VIDEOSHARE_DATA": str(tmp_path),
        "VIDEOSHARE_SES_EMAIL": "hola@example.com",
        "VIDEOSHARE_SES_CONFIGURATION_SET": "videoshare",
        "VIDEOSHARE_SMTP_HOST": "smtp.example.com",
        "VIDEOSHARE_SECRET_REGION": emulator.REGION,
    }
    names = ("EMAIL_BACKEND", "DEFAULT_FROM_EMAIL", "SERVER_EMAIL", "ANYMAIL", "SES_TOPIC_ARN")
    program = f"from django.conf import settings as s; print([getattr(s, n) for n in {names}])"
    shown = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT / "web",
        env=os.environ | environ,
        capture_output=True,
        text=True,
    )
    anymail = {"AMAZON_SES_CONFIGURATION_SET_NAME": "videoshare"}
    sender = "hola@example.com"
    assert shown.stdout == f"{['backends.mail_ses.SesBackend', sender, sender, anymail, '']}\n"
