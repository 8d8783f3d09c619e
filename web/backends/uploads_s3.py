"""Multipart uploads on AWS: from the browser straight to S3. `uploads.py` says what each does.

Limits: docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html (10,000 parts, 5 MiB to 5 GiB).
"""

import logging
from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings

from backends import aws, storage
from backends.storage_s3 import plain_errors
from backends.uploads import SIGNED_SECONDS, Incomplete, Part, all_parts, part_size

logger = logging.getLogger(__name__)

_NOT_TOGETHER = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall"}


def create(key: str, size: int) -> str:
    """Begin an upload; space is no question."""
    kind = {"ContentType": "application/octet-stream"}
    with plain_errors():
        return str(_s3().create_multipart_upload(**_object(key), **kind)["UploadId"])


def sign_part(upload_id: str, key: str, number: int, total: int) -> str:
    """Sign S3's address of one part; the length is part of what is signed."""
    named = {**_object(key), "UploadId": upload_id, "PartNumber": number}
    length = {"ContentLength": part_size(total, number)}
    with plain_errors():  # our own credentials may have to be fetched
        signed = _s3().generate_presigned_url(
            "upload_part", Params={**named, **length}, ExpiresIn=SIGNED_SECONDS
        )
    return str(signed)


def list_parts(upload_id: str, key: str, total: int) -> list[Part]:
    """Ask S3 for what has arrived."""
    pages = _s3().get_paginator("list_parts").paginate(**_object(key), UploadId=upload_id)
    with plain_errors():
        rows = [each for page in pages for each in page.get("Parts", ())]
    return [Part(row["PartNumber"], row["Size"], row["ETag"]) for row in rows]


def complete(upload_id: str, key: str, total: int) -> str:
    """Have S3 put the parts together, and remember which version came of it."""
    try:
        parts = list_parts(upload_id, key, total)
        sizes = [(part.number, part.size) for part in parts]
        if sizes != [(part.number, part.size) for part in all_parts(total)]:
            raise Incomplete
        return _put_together(upload_id, key, parts)
    except FileNotFoundError as error:
        return _completed_before(key, total, error)


def abort(upload_id: str, key: str) -> None:
    """Have S3 drop the parts."""
    try:
        with plain_errors():
            _s3().abort_multipart_upload(**_object(key), UploadId=upload_id)
    except FileNotFoundError:
        pass
    except storage.Unavailable as error:
        logger.error("parts of %s are left to the bucket's lifecycle rule: %s", key, error)


def _put_together(upload_id: str, key: str, parts: list[Part]) -> str:
    named = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
    with plain_errors():
        try:
            answer = _s3().complete_multipart_upload(
                **_object(key), UploadId=upload_id, MultipartUpload={"Parts": named}
            )
        except ClientError as error:
            if aws.error_code(error) in _NOT_TOGETHER:
                raise Incomplete from error
            raise
    return _version(answer)


def _completed_before(key: str, total: int, error: Exception) -> str:
    """The version of an object whose completion was asked for twice. Raises Incomplete."""
    try:
        with plain_errors():
            found = _s3().head_object(**_object(key))
    except FileNotFoundError:
        raise Incomplete from error
    if found["ContentLength"] != total:
        raise Incomplete from error
    return _version(found)


def _version(answer: dict[str, Any]) -> str:
    """What `storage.fetch` takes: the version's id, or the ETag where the bucket keeps none."""
    version = answer.get("VersionId", "null")
    return str(answer["ETag"] if version == "null" else version)


def _object(key: str) -> dict[str, str]:
    if not storage.KEY.fullmatch(key):
        raise ValueError(f"not a key: {key!r}")
    return {"Bucket": settings.S3_BUCKET, "Key": key}


def _s3() -> Any:
    # The browser adds no checksums of its own, and a signed address must not ask for them.
    return aws.client("s3", checksums=False)
