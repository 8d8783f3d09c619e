"""Multipart uploads on AWS: from the browser straight to S3. `uploads.py` says what each does.

Limits: docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html (10,000 parts, 5 MiB to 5 GiB).
"""

import contextlib
from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings

from backends import aws, storage
from backends.uploads import SIGNED_SECONDS, Incomplete, Part, all_parts, part_size

_NO_UPLOAD = "NoSuchUpload"
_NOT_TOGETHER = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall"}


def create(key: str, size: int) -> str:
    """Begin an upload; space is no question."""
    answer = _s3().create_multipart_upload(**_object(key), ContentType="application/octet-stream")
    return str(answer["UploadId"])


def sign_part(upload_id: str, key: str, number: int, total: int) -> str:
    """Sign S3's address of one part; the length is part of what is signed."""
    named = {**_object(key), "UploadId": upload_id, "PartNumber": number}
    return str(
        _s3().generate_presigned_url(
            "upload_part",
            Params={**named, "ContentLength": part_size(total, number)},
            ExpiresIn=SIGNED_SECONDS,
        )
    )


def list_parts(upload_id: str, key: str, total: int) -> list[Part]:
    """Ask S3 for what has arrived."""
    pages = _s3().get_paginator("list_parts").paginate(**_object(key), UploadId=upload_id)
    try:
        rows = [each for page in pages for each in page.get("Parts", ())]
    except ClientError as error:
        if aws.error_code(error) == _NO_UPLOAD:
            raise FileNotFoundError("the upload has ended") from error
        raise
    return [Part(row["PartNumber"], row["Size"], row["ETag"]) for row in rows]


def complete(upload_id: str, key: str, total: int) -> str:
    """Have S3 put the parts together, and remember which version came of it."""
    try:
        parts = list_parts(upload_id, key, total)
        sizes = [(part.number, part.size) for part in parts]
        if sizes != [(part.number, part.size) for part in all_parts(total)]:
            raise Incomplete
        named = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
        return _version(
            _s3().complete_multipart_upload(
                **_object(key), UploadId=upload_id, MultipartUpload={"Parts": named}
            )
        )
    except FileNotFoundError as error:
        return _completed_before(key, total, error)
    except ClientError as error:
        code = aws.error_code(error)
        if code in _NOT_TOGETHER:
            raise Incomplete from error
        if code == _NO_UPLOAD:
            return _completed_before(key, total, error)
        raise


def abort(upload_id: str, key: str) -> None:
    """Have S3 drop the parts."""
    with contextlib.suppress(FileNotFoundError):
        list_parts(upload_id, key, 0)
        _s3().abort_multipart_upload(**_object(key), UploadId=upload_id)


def _completed_before(key: str, total: int, error: Exception) -> str:
    """The version of an object whose completion was asked for twice. Raises Incomplete."""
    try:
        found = _s3().head_object(**_object(key))
    except ClientError:
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
