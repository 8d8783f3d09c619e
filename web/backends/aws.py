"""Clients of AWS, one per service and process; boto3's are safe to share between threads."""

import os
import threading
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from django.conf import settings

_LONGEST_POLL = 20  # seconds
_CONNECTIONS = 64  # no fewer than a web process has threads
_QUICK_CONNECT, _QUICK_READ = 1, 3  # seconds
_creating = threading.Lock()


def client(
    service: str, *, checksums: bool = True, polls: bool = False, quick: bool = False
) -> Any:
    """Return the client of a service, such as "sqs", in the secret's region.

    Where the service is and who we are, boto3 finds out itself: from the instance's role, or from
    `AWS_ENDPOINT_URL` and `AWS_ACCESS_KEY_ID` for an emulator. `checksums`: whether S3's client
    adds and checks those that nobody asks for; other makers of S3 refuse them. `polls`: whether
    to wait for an answer as long as a poll may last. `quick`: whether to try only once and for
    seconds only, because somebody waits and what is not done now will be done later.
    """
    with _creating:  # unlike using one, making one is not safe in threads
        return _client(service, checksums, polls, quick)


@cache
def _client(service: str, checksums: bool, polls: bool, quick: bool) -> Any:
    # SES can't tell a second try from a second mail; the outbox tries again, and counts.
    once = quick or service == "sesv2"
    options: dict[str, Any] = {
        "retries": {"mode": "standard", "total_max_attempts": 1 if once else 3},
        "max_pool_connections": _CONNECTIONS,
        "connect_timeout": settings.AWS_CONNECT_SECONDS,
        "read_timeout": settings.AWS_READ_SECONDS + (_LONGEST_POLL if polls else 0),
    }
    if quick:
        options |= {"connect_timeout": _QUICK_CONNECT, "read_timeout": _QUICK_READ}
    endpoint = settings.S3_ENDPOINT_URL if service == "s3" else ""
    if service == "s3":
        # Left to choose, boto3 signs addresses from which a browser is only sent on elsewhere.
        where = {"addressing_style": _addressing(), "us_east_1_regional_endpoint": "regional"}
        options |= {"signature_version": "s3v4", "s3": where}
        if endpoint or not checksums:
            when = "when_required"
            options |= {"request_checksum_calculation": when, "response_checksum_validation": when}
    return boto3.client(
        service,
        region_name=settings.AWS_REGION,
        endpoint_url=endpoint or None,
        config=Config(**options),
    )


def _addressing() -> str:
    """Where the bucket's name stands: in the host's, or in the path.

    A name with dots fits no certificate, and other makers may know no host but their own.
    """
    elsewhere = settings.S3_ENDPOINT_URL or os.environ.get("AWS_ENDPOINT_URL")
    return "path" if elsewhere or "." in settings.S3_BUCKET else "virtual"


def error_code(error: Any) -> str:
    """Return the code in a botocore ClientError, such as "NoSuchKey"."""
    return str(error.response.get("Error", {}).get("Code", ""))
