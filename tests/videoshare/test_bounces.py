"""What SNS posts to us, and what anybody else may try there."""

import json
import logging
from http.client import HTTPConnection

import pytest
from django.test import Client
from django.urls import reverse

from backends import sns, suppression
from backends.models import Suppressed
from tests import sns as amazon
from tests.answering import answering
from tests.sns import ORIGIN, SUBSCRIBE_URL, TOPIC

pytestmark = pytest.mark.django_db

BOUNCE = {
    "eventType": "Bounce",
    "bounce": {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [{"emailAddress": "Ada@Example.org", "status": "5.1.1"}],
    },
    "mail": {"destination": ["Ada@Example.org"]},
}
SUBSCRIPTION = "SubscriptionConfirmation"


@pytest.fixture(autouse=True)
def _listening(settings):
    settings.SES_TOPIC_ARN = TOPIC


@pytest.fixture
def fetched(monkeypatch):
    """What we asked Amazon for; its certificate is at every address."""
    urls = []

    def fetch(url):
        urls.append(url)
        return amazon.certificate()

    monkeypatch.setattr(sns, "_fetch", fetch)
    return urls


def post(message) -> int:
    body = message if isinstance(message, bytes) else json.dumps(message)
    # As SNS posts: no cookie, no token, JSON called text.
    client = Client(enforce_csrf_checks=True)
    return client.post(reverse("bounces"), body, content_type="text/plain").status_code


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", [{}, {"Subject": "Amazon SES Email Event Notification"}])
def test_a_signed_bounce_suppresses_the_address(fetched, version, subject):
    message = amazon.message(BOUNCE, SignatureVersion=version, **subject)
    assert post(message) == 200
    assert suppression.is_suppressed("ada@example.org")
    assert fetched == [message["SigningCertURL"]]


def test_a_message_delivered_twice_is_harmless_and_its_certificate_kept(fetched, caplog):
    message = amazon.message(BOUNCE)
    with caplog.at_level(logging.INFO):
        assert [post(message), post(message)] == [200, 200]
    assert (Suppressed.objects.count(), len(fetched)) == (1, 1)
    assert "example.org" not in caplog.text.lower()


@pytest.mark.parametrize(
    "event",
    [
        "Successfully validated SNS topic for Amazon SES event publishing.",
        {"eventType": "Delivery", "delivery": {"recipients": ["ada@example.org"]}},
    ],
)
def test_what_is_no_bounce_changes_nothing(fetched, event):
    assert post(amazon.message(event)) == 200
    assert Suppressed.objects.count() == 0


def test_a_subscription_to_our_topic_is_confirmed(fetched):
    message = amazon.message(Type=SUBSCRIPTION)
    assert post(message) == 200
    assert fetched == [message["SigningCertURL"], SUBSCRIBE_URL]


def test_the_end_of_the_subscription_is_told_to_ops(fetched, caplog):
    message = amazon.message(Type="UnsubscribeConfirmation")
    assert post(message) == 200
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert fetched == [message["SigningCertURL"]]  # its SubscribeURL would subscribe us again


def test_without_a_topic_of_ours_there_is_nothing_there(fetched, settings):
    settings.SES_TOPIC_ARN = ""
    assert post(amazon.message(BOUNCE)) == 404
    assert (Suppressed.objects.count(), fetched) == (0, [])


def test_only_posts_are_taken(client):
    assert client.get(reverse("bounces")).status_code == 405


def forged() -> dict:
    message = amazon.message(BOUNCE)
    message["Message"] = message["Message"].replace("Ada", "Bob")
    return message


def without(name: str) -> dict:
    message = amazon.message(BOUNCE)
    del message[name]
    return message


NOT_LOOKED_INTO = {
    "not JSON": lambda: b"hello",
    "nothing": lambda: b"",
    "not Unicode": lambda: b'{"Type": "\xff"}',
    "too deep": lambda: b"[" * 200_000,
    "a list": lambda: b"[]",
    "texts only": lambda: {"Type": ["Notification"], "TopicArn": TOPIC},
    "of unknown type": lambda: amazon.message(BOUNCE, Type="Order"),
    "of no type": lambda: without("Type"),
    "of another topic": lambda: amazon.message(BOUNCE, TopicArn=TOPIC + "s"),
    "without its message": lambda: without("Message"),
    "without its signature": lambda: without("Signature"),
    "without its certificate": lambda: without("SigningCertURL"),
    "without its version": lambda: without("SignatureVersion"),
    "of an unknown version": lambda: amazon.message(BOUNCE, SignatureVersion="3"),
    "older than an hour": lambda: amazon.message(BOUNCE, age=3601),
    "from the future": lambda: amazon.message(BOUNCE, age=-3660),
    "of no time": lambda: amazon.message(BOUNCE, Timestamp="yesterday"),
    "of no time zone": lambda: amazon.message(BOUNCE, Timestamp="2026-11-20T10:00:00.000"),
}
WRONG_SIGNATURE = {
    "forged": forged,
    "signed by another": lambda: amazon.message(BOUNCE, key="Mallory's"),
    "signed with nothing": lambda: amazon.message(BOUNCE) | {"Signature": ""},
    "signed with no base64": lambda: amazon.message(BOUNCE) | {"Signature": "ñ"},
    "signed as another version": lambda: amazon.message(BOUNCE) | {"SignatureVersion": "1"},
    "not text": lambda: amazon.message(BOUNCE) | {"Message": "\ud800"},
}


@pytest.mark.parametrize("case", NOT_LOOKED_INTO)
def test_what_is_not_for_us_is_refused_before_anything_is_fetched(fetched, case):
    assert post(NOT_LOOKED_INTO[case]()) == 403
    assert (Suppressed.objects.count(), fetched) == (0, [])


@pytest.mark.parametrize("case", WRONG_SIGNATURE)
def test_what_amazon_did_not_sign_is_refused(fetched, case):
    message = WRONG_SIGNATURE[case]()
    assert post(message) == 403
    assert (Suppressed.objects.count(), fetched) == (0, [message["SigningCertURL"]])


def test_almost_an_hour_is_not_too_old(fetched):
    assert post(amazon.message(BOUNCE, age=3500)) == 200


def test_too_much_is_refused_unread(fetched):
    assert post(b" " * (256 * 1024 + 1)) == 413
    assert post(b" " * 256 * 1024) == 403
    assert fetched == []


PEM = "/SimpleNotificationService-0123456789abcdef.pem"


@pytest.mark.parametrize(
    "url",
    [
        f"http://sns.us-east-1.amazonaws.com{PEM}",
        f"https://evil.example{PEM}",
        f"https://sns.us-east-1.amazonaws.com.evil.example{PEM}",
        f"https://sns.us-east-1.amazonaws.com@evil.example{PEM}",
        f"https://sns.us-east-1.amazonaws.com:8443{PEM}",
        f"https://sns.us-east-1.amazonaws.com.cn{PEM}",
        f"https://sns.us-west-2.amazonaws.com{PEM}",
        f"https://sns-us-east-1.amazonaws.com{PEM}",
        f"https://snsxus-east-1.amazonaws.com{PEM}",
        f"{ORIGIN}/other.pem",
        f"{ORIGIN}/?Action=GetEndpointAttributes&x={PEM}",
        f"{ORIGIN}{PEM}?x=.pem",
        f"{ORIGIN}{PEM}\n",
        f" {ORIGIN}{PEM}",
        "",
    ],
)
def test_certificates_come_from_amazons_one_place_only(fetched, url):
    assert post(amazon.message(BOUNCE, SigningCertURL=url)) == 403
    assert (Suppressed.objects.count(), fetched) == (0, [])


@pytest.mark.parametrize(
    "url",
    [
        SUBSCRIBE_URL.replace("https", "http"),
        SUBSCRIBE_URL.replace("amazonaws.com", "amazonaws.com.evil.example"),
        SUBSCRIBE_URL.replace("amazonaws.com", "amazonaws.com@169.254.169.254"),
        SUBSCRIBE_URL.replace("us-east-1", "us-west-2", 1),
        SUBSCRIBE_URL + "\r\nHost: evil.example",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
    ],
)
def test_no_other_address_is_ever_fetched_to_subscribe(fetched, url):
    message = amazon.message(Type=SUBSCRIPTION, SubscribeURL=url)
    assert post(message) == 403
    assert fetched == [message["SigningCertURL"]]


def test_a_topic_in_china_has_its_own_host(fetched, settings):
    settings.SES_TOPIC_ARN = topic = TOPIC.replace("aws", "aws-cn").replace("us-east", "cn-north")
    url = f"https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-{'c' * 32}.pem"
    assert post(amazon.message(BOUNCE, TopicArn=topic, SigningCertURL=url)) == 200
    assert post(amazon.message(BOUNCE, TopicArn=topic)) == 403


@pytest.mark.parametrize(
    "pem",
    [
        lambda: amazon.certificate(days=-1),
        lambda: amazon.certificate(days=366),
        lambda: amazon.certificate(amazon.elliptic_key()),
        lambda: b"<ErrorResponse/>",
    ],
    ids=["ended", "not begun", "not RSA", "no certificate"],
)
def test_a_certificate_that_is_not_as_amazons_is_refused(monkeypatch, pem):
    monkeypatch.setattr(sns, "_fetch", lambda _: pem())
    assert post(amazon.message(BOUNCE)) == 403
    assert Suppressed.objects.count() == 0


class TestAmazonsAnswers:
    """`_fetch` itself, on a server of ours that stands where Amazon's would."""

    @pytest.fixture
    def answers(self, monkeypatch):
        """Set the status of the answer to each path's beginning; returns the paths asked for."""
        asked = []
        statuses = {"/Simple": 200, "/?Action": 200}

        def answer(heard):
            asked.append(heard.path)
            status = next(statuses[start] for start in statuses if heard.path.startswith(start))
            return status, {"Location": "/SimpleTrap"}, amazon.certificate()

        with answering(answer) as server:

            def connect(host, timeout):
                assert (host, timeout) == ("sns.us-east-1.amazonaws.com", 5)
                return HTTPConnection("127.0.0.1", server.port, timeout=timeout)

            monkeypatch.setattr(sns, "HTTPSConnection", connect)
            yield statuses, asked

    def test_a_subscription(self, answers):
        _, asked = answers
        message = amazon.message(Type=SUBSCRIPTION)
        assert post(message) == 200
        assert [ORIGIN + path for path in asked] == [message["SigningCertURL"], SUBSCRIBE_URL]

    @pytest.mark.parametrize("status, told", [(302, 403), (307, 403), (404, 403), (503, 503)])
    def test_a_redirect_is_not_followed_and_a_passing_fault_is_tried_again(
        self, answers, status, told
    ):
        statuses, asked = answers
        statuses["/?Action"] = status
        assert post(amazon.message(Type=SUBSCRIPTION)) == told
        assert len(asked) == 2
        statuses["/Simple"] = status
        assert post(amazon.message(BOUNCE)) == told
        assert (len(asked), Suppressed.objects.count()) == (3, 0)

    def test_a_certificate_that_could_not_be_had_is_asked_for_again(self, answers):
        statuses, asked = answers
        message = amazon.message(BOUNCE)
        statuses["/Simple"] = 503
        assert post(message) == 503
        statuses["/Simple"] = 200
        assert post(message) == 200
        assert len(asked) == 2

    def test_no_network_is_no_refusal(self, monkeypatch):
        with answering() as server:
            pass
        monkeypatch.setattr(
            sns, "HTTPSConnection", lambda *_, **__: HTTPConnection("127.0.0.1", server.port)
        )
        assert post(amazon.message(BOUNCE)) == 503
        assert Suppressed.objects.count() == 0
