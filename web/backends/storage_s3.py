"""Stored files on AWS: one private bucket, read by the public through CloudFront.

`storage.py` says what each function does. Nothing here sets an ACL: the bucket's owner owns all.
"""

import contextlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files import File
from s3transfer.manager import TransferManager
from storages.backends.s3 import S3Storage

from backends import aws, cdn
from backends.storage import KEY, PUBLIC

_FOREVER = "public, max-age=31536000, immutable"  # a key's content never changes
_GONE = {"404", "NoSuchKey", "NoSuchVersion", "NotFound"}
_CHANGED = {"412", "PreconditionFailed"}


def put(source: Path, key: str) -> None:
    """Upload a file to a new key."""
    size = source.stat().st_size
    with _plain_errors(), source.open("rb") as file:
        try:
            _published(settings.S3_BUCKET).save(_checked(key), File(file))
        except ClientError as error:
            # Ours, if an answer got lost and s3transfer tried again: nobody else knows the key.
            if aws.error_code(error) not in _CHANGED or _head(key)["ContentLength"] != size:
                raise


def fetch(key: str, target: Path, version: str) -> None:
    """Download an object; of `version` if there is one: a version's id, or an ETag in quotes."""
    wanted = {"IfMatch": version} if version.startswith('"') else {"VersionId": version}
    with _plain_errors(), TransferManager(aws.client("s3")) as transfers:
        # It passes on only what it knows, and does not know this one yet.
        transfers.ALLOWED_DOWNLOAD_ARGS = [*transfers.ALLOWED_DOWNLOAD_ARGS, "IfMatch"]
        extra = wanted if version else {}
        transfers.download(settings.S3_BUCKET, _checked(key), str(target), extra).result()


def size(key: str) -> int:
    """Ask for an object's size."""
    with _plain_errors():
        return int(_head(key)["ContentLength"])


def head(key: str, count: int) -> bytes:
    """Read an object's beginning."""
    with _plain_errors():
        answer = aws.client("s3").get_object(
            Bucket=settings.S3_BUCKET, Key=_checked(key), Range=f"bytes=0-{count - 1}"
        )
        return bytes(answer["Body"].read())


def delete(*keys: str) -> None:
    """Delete objects, old versions too, and have CloudFront forget them."""
    with _plain_errors():
        for key in keys:
            for version in _versions(_checked(key)):
                aws.client("s3").delete_object(Bucket=settings.S3_BUCKET, Key=key, **version)
    cdn.invalidate(*(key for key in keys if key.partition("/")[0] in PUBLIC))


def public_url(key: str) -> str:
    """CloudFront's address of an object."""
    return cdn.url(_checked(key))


def free_bytes() -> int:
    """As many as S3 takes in one object: 5 TiB."""
    return 5 * 1024**4


def check() -> None:
    """Ask for the bucket."""
    with _plain_errors():
        aws.client("s3").head_bucket(Bucket=settings.S3_BUCKET)


def _checked(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValueError(f"not a key: {key!r}")
    return key


def _head(key: str) -> dict[str, Any]:
    return dict(aws.client("s3").head_object(Bucket=settings.S3_BUCKET, Key=_checked(key)))


def _versions(key: str) -> Iterator[dict[str, str]]:
    """What names each version of an object; nothing where the bucket keeps none."""
    pages = aws.client("s3").get_paginator("list_object_versions")
    try:
        for page in pages.paginate(Bucket=settings.S3_BUCKET, Prefix=key):
            for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                if each["Key"] == key:
                    yield {"VersionId": each["VersionId"]}
    except ClientError as error:
        if aws.error_code(error) != "NotImplemented":
            raise
        yield {}


@cache
def _published(bucket: str) -> S3Storage:
    """django-storages: content type, streaming in parts, retries."""
    storage = S3Storage(
        bucket_name=bucket,
        region_name=settings.AWS_REGION,
        endpoint_url=settings.S3_ENDPOINT_URL or None,
        client_config=aws.client("s3").meta.config,
        object_parameters={"CacheControl": _FOREVER},
        default_acl=None,
    )
    if not settings.S3_ENDPOINT_URL:  # other makers of S3 know no conditional writes
        events = storage.connection.meta.client.meta.events
        for call in ("PutObject", "CompleteMultipartUpload"):
            events.register(f"before-parameter-build.s3.{call}", _only_new)
    return storage


def _only_new(params: dict[str, Any], **_: object) -> None:
    params["IfNoneMatch"] = "*"


@contextlib.contextmanager
def _plain_errors() -> Iterator[None]:
    """Turn what is gone into FileNotFoundError and every other failure into OSError."""
    try:
        yield
    except ClientError as error:
        code = aws.error_code(error)
        kind = FileNotFoundError if code in _GONE | _CHANGED else OSError
        raise kind(f"S3 answered {code}") from error
    except BotoCoreError as error:
        raise OSError(f"S3 does not answer: {type(error).__name__}") from error
