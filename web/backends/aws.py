"""Clients of AWS, one per service and process; boto3's are safe to share between threads."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from django.conf import settings

# Seconds. Reading lasts longer than the longest poll, which is 20 s.
_CONNECT, _READ = 3, 25


@cache
def client(service: str, *, checksums: bool = True) -> Any:
    """Return the client of a service, such as "sqs", in the secret's region.

    Where the service is and who we are, boto3 finds out itself: from the instance's role, or from
    `AWS_ENDPOINT_URL` and `AWS_ACCESS_KEY_ID` for an emulator. `checksums`: whether S3's client
    adds and checks those that nobody asks for; other makers of S3 refuse them.
    """
    options: dict[str, Any] = {"retries": {"mode": "standard", "total_max_attempts": 3}}
    other: dict[str, Any] = {}
    if service == "s3":
        options["signature_version"] = "s3v4"
        if settings.S3_ENDPOINT_URL:
            other["endpoint_url"] = settings.S3_ENDPOINT_URL
        if settings.S3_ENDPOINT_URL or not checksums:
            when = "when_required"
            options |= {"request_checksum_calculation": when, "response_checksum_validation": when}
    config = Config(connect_timeout=_CONNECT, read_timeout=_READ, **options)
    return boto3.client(service, region_name=settings.AWS_REGION, config=config, **other)


def error_code(error: Any) -> str:
    """Return the code in a botocore ClientError, such as "NoSuchKey"."""
    return str(error.response.get("Error", {}).get("Code", ""))
