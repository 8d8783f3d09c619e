"""CloudFront: the addresses the public reads from, and making it forget what was deleted."""

import logging
import uuid
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from backends import aws

logger = logging.getLogger(__name__)

_MOST_PATHS = 1000  # in one request; CloudFront takes 3,000 at a time over all requests


class NotInvalidated(Exception):
    """CloudFront was not told to forget; the message says why."""


def url(key: str) -> str:
    """Return the address of a public object."""
    return f"{settings.CDN_URL}/{key}"


def signed_url(key: str, until: int) -> str:
    """Return the address of a private object, good until that second of Unix time.

    Raises ImproperlyConfigured without a key pair.
    """
    signer = _signer(settings.CF_KEY_PAIR_ID, settings.CF_PRIVATE_KEY)
    return str(signer.generate_presigned_url(url(key), datetime.fromtimestamp(until, UTC)))


def invalidate(paths: list[str]) -> bool:
    """Have CloudFront forget objects. False: it could not be told, which is logged."""
    try:
        create_invalidations(paths)
    except NotInvalidated as error:
        logger.error("%s: %s paths are not forgotten yet", error, len(paths))
        return False
    return True


def create_invalidations(paths: list[str]) -> list[str]:
    """Ask to forget paths such as `/contests/*`; return the invalidations' ids.

    Raises NotInvalidated.
    """
    ids = []
    try:
        for start in range(0, len(paths), _MOST_PATHS):
            some = paths[start : start + _MOST_PATHS]
            wanted = {"Quantity": len(some), "Items": some}
            answer = _cloudfront().create_invalidation(
                DistributionId=_distribution(urlsplit(settings.CDN_URL).netloc.lower()),
                InvalidationBatch={"Paths": wanted, "CallerReference": uuid.uuid4().hex},
            )
            ids.append(str(answer["Invalidation"]["Id"]))
    except ClientError as error:
        raise NotInvalidated(f"CloudFront answered {aws.error_code(error)}") from error
    except BotoCoreError as error:
        raise NotInvalidated(f"CloudFront does not answer: {type(error).__name__}") from error
    return ids


def _cloudfront() -> Any:
    return aws.client("cloudfront")


@cache
def _distribution(host: str) -> str:
    """The id of the distribution that answers at `host`; the secret holds its address only."""
    for page in _cloudfront().get_paginator("list_distributions").paginate():
        for each in page["DistributionList"].get("Items", ()):
            if host in (each["DomainName"], *each.get("Aliases", {}).get("Items", ())):
                return str(each["Id"])
    raise NotInvalidated(f"no distribution of CloudFront's answers at {host}")


@cache
def _signer(key_pair_id: str, private_key: str) -> CloudFrontSigner:
    if not (key_pair_id and private_key):
        raise ImproperlyConfigured("private contests need cf_key_pair_id and cf_private_key")
    try:
        key = load_pem_private_key(private_key.encode(), password=None)
    except ValueError as error:
        raise ImproperlyConfigured("cf_private_key is no private key in PEM") from error
    if not isinstance(key, RSAPrivateKey):
        raise ImproperlyConfigured("cf_private_key is no RSA key")
    # The only digest that CloudFront takes.
    return CloudFrontSigner(key_pair_id, lambda text: key.sign(text, PKCS1v15(), SHA1()))  # noqa: S303
