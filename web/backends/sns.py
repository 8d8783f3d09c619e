"""Messages that Amazon SNS posts to us: are they Amazon's own, of our topic, and fresh?

Anybody may post to a public address, and anybody may make a topic and subscribe our address to it.
docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http.client import HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_SUBSCRIPTION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
# What each type's signature covers, in this order; a Subject only where there is one.
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": _SUBSCRIPTION,
    "UnsubscribeConfirmation": _SUBSCRIPTION,
}
_HASHES = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303 - version 1 is SNS's default
_LONGEST_AGE = timedelta(hours=1)  # SNS gives a delivery up after that long
_TIMEOUT = 5  # seconds
_LONGEST_ANSWER = 64 * 1024  # bytes; a certificate has about 2,000


class Untrusted(Exception):
    """Not a message we act on; says which rule it breaks and nothing of what is in it."""


class Unreachable(Exception):
    """Amazon did not answer us; SNS will deliver the message again."""


def verified(body: bytes, topic_arn: str) -> dict[str, str]:
    """Return the texts of a message once it is known to be Amazon's, recent and of this topic.

    Raises Untrusted and Unreachable.
    """
    message = _texts(body)
    fields = _SIGNED.get(message.get("Type", ""))
    if fields is None:
        raise Untrusted("unknown type")
    if message.get("TopicArn") != topic_arn:
        raise Untrusted("not our topic")
    if {*fields, "Signature", "SigningCertURL"} - {"Subject"} - message.keys():
        raise Untrusted("incomplete")
    _require_recent(message["Timestamp"])
    _require_signature(message, fields)
    return message


def confirm(message: dict[str, str]) -> None:
    """Tell Amazon that we want what the topic of a verified SubscriptionConfirmation sends.

    Raises Untrusted and Unreachable.
    """
    url = message["SubscribeURL"]
    if not re.fullmatch(rf"{_origin(message['TopicArn'])}/\?[!-~]+", url):
        raise Untrusted("SubscribeURL is not Amazon's")
    _fetch(url)


def _texts(body: bytes) -> dict[str, str]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Untrusted("not JSON") from error
    if not isinstance(message, dict):
        raise Untrusted("not a JSON object")
    return {name: text for name, text in message.items() if isinstance(text, str)}


def _require_recent(timestamp: str) -> None:
    try:
        sent = datetime.strptime(timestamp, "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError as error:
        raise Untrusted("unreadable time") from error
    if abs(datetime.now(UTC) - sent) > _LONGEST_AGE:
        raise Untrusted("too old")


def _require_signature(message: dict[str, str], fields: tuple[str, ...]) -> None:
    algorithm = _HASHES.get(message.get("SignatureVersion", ""))
    if algorithm is None:
        raise Untrusted("unknown signature version")
    # The whole shape, not the host alone: SNS's own API answers there, with texts of an attacker's.
    # spaceraccoon.dev/exploiting-improper-validation-amazon-simple-notification-service/
    shape = rf"{_origin(message['TopicArn'])}/SimpleNotificationService-[A-Za-z0-9]+\.pem"
    if not re.fullmatch(shape, message["SigningCertURL"]):
        raise Untrusted("SigningCertURL is not Amazon's")
    certificate, key = _certificate(message["SigningCertURL"])
    if not certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc:
        raise Untrusted("the certificate is not valid now")
    text = "".join(f"{name}\n{message[name]}\n" for name in fields if name in message)
    try:
        signature = base64.b64decode(message["Signature"], validate=True)
        key.verify(signature, text.encode(), PKCS1v15(), algorithm)
    except (ValueError, InvalidSignature) as error:
        raise Untrusted("wrong signature") from error


def _origin(topic_arn: str) -> str:
    """SNS's address in the topic's region, escaped for a pattern."""
    _, partition, _, region, *_ = topic_arn.split(":")
    domain = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    return re.escape(f"https://sns.{region}.{domain}")


@lru_cache(maxsize=8)  # Amazon has one at a time, and changes it about once a year
def _certificate(url: str) -> tuple[x509.Certificate, RSAPublicKey]:
    try:
        certificate = x509.load_pem_x509_certificate(_fetch(url))
    except ValueError as error:
        raise Untrusted("the certificate can't be read") from error
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise Untrusted("the certificate's key is not RSA")
    return certificate, key


def _fetch(url: str) -> bytes:
    """Return what Amazon answers. The only request made for a message; follows no redirect."""
    parts = urlsplit(url)
    connection = HTTPSConnection(parts.netloc, timeout=_TIMEOUT)
    try:
        connection.request("GET", parts._replace(scheme="", netloc="").geturl())
        answer = connection.getresponse()
        content = answer.read(_LONGEST_ANSWER)
    except (OSError, HTTPException) as error:
        raise Unreachable(type(error).__name__) from error
    finally:
        connection.close()
    if answer.status >= 500:
        raise Unreachable(f"status {answer.status}")
    if answer.status != 200:
        raise Untrusted(f"Amazon answered with status {answer.status}")
    return content
