"""CloudFront: the addresses the public reads from, and making it forget what was deleted."""

import logging
import uuid
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from backends import aws

logger = logging.getLogger(__name__)

_MOST_PATHS = 1000  # in one request; CloudFront takes 3,000 at a time over all requests


class UnknownDistribution(Exception):
    """No distribution of this account answers at `cf_url`."""


def url(key: str) -> str:
    """Return the address of a public object."""
    return f"{settings.CDN_URL}/{key}"


def invalidate(*keys: str) -> None:
    """Have CloudFront forget objects; a failure is logged, for ops to repeat by hand.

    What calls this has already deleted them: it can't be undone, and must not fail.
    """
    if not keys:
        return
    try:
        create_invalidation([f"/{key}" for key in keys])
    except (BotoCoreError, ClientError, UnknownDistribution) as error:
        paths = " ".join(f"/{key}" for key in keys)
        logger.error(
            "not invalidated (%s); run: manage.py invalidate %s", type(error).__name__, paths
        )


def create_invalidation(paths: list[str]) -> None:
    """Ask for the invalidation of paths such as `/contests/*`.

    Raises UnknownDistribution, and boto3's ClientError and BotoCoreError.
    """
    host = urlsplit(settings.CDN_URL).netloc
    for start in range(0, len(paths), _MOST_PATHS):
        some = paths[start : start + _MOST_PATHS]
        batch = {
            "Paths": {"Quantity": len(some), "Items": some},
            "CallerReference": uuid.uuid4().hex,
        }
        _cloudfront().create_invalidation(
            DistributionId=_distribution(host), InvalidationBatch=batch
        )


def _cloudfront() -> Any:
    return aws.client("cloudfront")


@cache
def _distribution(host: str) -> str:
    """The id of the distribution that answers at `host`; the secret holds its address only."""
    for page in _cloudfront().get_paginator("list_distributions").paginate():
        for each in page["DistributionList"].get("Items", ()):
            if host in (each["DomainName"], *each.get("Aliases", {}).get("Items", ())):
                return str(each["Id"])
    raise UnknownDistribution(f"no distribution answers at {host}")
