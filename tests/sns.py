"""An SNS of the tests' own: real keys, certificates and signatures, on Amazon's addresses."""

import base64
import json
import uuid
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

TOPIC = "arn:aws:sns:us-east-1:123456789012:videoshare-mail"
ORIGIN = "https://sns.us-east-1.amazonaws.com"
SUBSCRIBE_URL = f"{ORIGIN}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=abc"


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """The key of this name."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(key: Any = None, days: int = 30) -> bytes:
    """A certificate (PEM) that ends in so many days."""
    key = key or rsa_key("Amazon's")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    end = datetime.now(UTC) + timedelta(days=days)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(end - timedelta(days=365))
        .not_valid_after(end)
    )
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def elliptic_key() -> ec.EllipticCurvePrivateKey:
    """A key of a kind that SNS does not use."""
    return ec.generate_private_key(ec.SECP256R1())


def signing_url() -> str:
    """An address for a certificate that no other test has asked for."""
    return f"{ORIGIN}/SimpleNotificationService-{uuid.uuid4().hex}.pem"


def message(event: Any = "hello", *, age: float = 0, key: str = "Amazon's", **fields: Any) -> dict:
    """A signed message, sent `age` seconds ago; `fields` replace its own before it is signed."""
    time = datetime.now(UTC) - timedelta(seconds=age)
    content = {
        "Type": "Notification",
        "MessageId": str(uuid.uuid4()),
        "TopicArn": TOPIC,
        "Message": event if isinstance(event, str) else json.dumps(event),
        "Timestamp": f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z",
        "SignatureVersion": "2",
        "SigningCertURL": signing_url(),
    }
    if fields.get("Type", "Notification") != "Notification":
        content |= {"Token": "abc", "SubscribeURL": SUBSCRIBE_URL}
    content |= fields
    version_1 = content["SignatureVersion"] == "1"
    algorithm = hashes.SHA1() if version_1 else hashes.SHA256()  # noqa: S303
    signed = rsa_key(key).sign(_canonical(content), padding.PKCS1v15(), algorithm)
    return content | {"Signature": base64.b64encode(signed).decode()}


def _canonical(content: dict[str, str]) -> bytes:
    """As Amazon's guide spells it out: names in alphabetical order, a line each, value below."""
    lines = []
    for name in sorted(content):
        if name in {"SignatureVersion", "SigningCertURL", "UnsubscribeURL"}:
            continue
        lines += [name, content[name]]
    return ("\n".join(lines) + "\n").encode()
