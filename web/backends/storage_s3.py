"""Stored files on AWS: one private bucket, read by the public through CloudFront.

`storage.py` says what each function does. Nothing here sets an ACL: the bucket's owner owns all.
"""

import contextlib
import logging
import mimetypes
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import IO, Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files import File
from s3transfer.exceptions import CancelledError, RetriesExceededError, S3DownloadFailedError
from s3transfer.manager import TransferConfig, TransferManager
from s3transfer.subscribers import BaseSubscriber
from storages.backends.s3 import S3Storage

from backends import aws, cdn
from backends.storage import KEY, PUBLIC, Stopped, Unavailable, is_seen

logger = logging.getLogger(__name__)

_DELETES = 8  # at the same time
# In one piece: only that is checked against S3's checksum, and the emulator knows no parts of a
# version. At most 25 MB, of 250 by default, wait for a slow disk.
_DOWNLOADS = TransferConfig(multipart_threshold=5 * 1024**4, max_io_queue_size=100)
_GONE = {"404", "NoSuchKey", "NoSuchUpload", "NoSuchVersion", "NotFound"}
_CHANGED = {"412", "PreconditionFailed"}


def put(source: Path, key: str, stop: threading.Event) -> None:
    """Upload a file to a new key."""
    size = source.stat().st_size
    with plain_errors(), source.open("rb") as file:
        try:
            _published(settings.S3_BUCKET).save(_checked(key), _Stoppable(file, stop))
        except ClientError as error:
            # Ours, if an answer got lost and s3transfer tried again: nobody else knows the key.
            if aws.error_code(error) not in _CHANGED or _head(key)["ContentLength"] != size:
                raise


def fetch(key: str, target: Path, version: str, stop: threading.Event) -> None:
    """Download an object; of `version` if there is one: a version's id, or an ETag in quotes."""
    with plain_errors(), TransferManager(aws.client("s3"), _DOWNLOADS) as transfers:
        # It passes on only what it knows, and does not know this one yet.
        transfers.ALLOWED_DOWNLOAD_ARGS = [*transfers.ALLOWED_DOWNLOAD_ARGS, "IfMatch"]
        place = (settings.S3_BUCKET, _checked(key), str(target))
        transfers.download(*place, _pinned(version), [_CancelledBy(stop)]).result()


class _CancelledBy(BaseSubscriber):
    """Hears of every piece of a transfer that arrives, and cancels it once `stop` is set."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def on_progress(self, future: Any, **_: object) -> None:
        """s3transfer's own name and arguments."""
        if self._stop.is_set():
            future.cancel()


class _Stoppable(File):
    """A file that can't be read any further once `stop` is set."""

    def __init__(self, file: IO[bytes], stop: threading.Event) -> None:
        super().__init__(file)
        self._read, self._stop = file.read, stop

    def read(self, size: int = -1) -> bytes:
        """Read as any file does; raises Stopped."""
        if self._stop.is_set():
            raise Stopped
        return self._read(size)


def copy(key: str, new: str) -> None:
    """Let S3 copy; in parts what is too large for one request. How long it may be kept changes."""
    source = {"Bucket": settings.S3_BUCKET, "Key": _checked(key)}
    kind = mimetypes.guess_type(new)[0] or "application/octet-stream"
    about = {"MetadataDirective": "REPLACE", "ContentType": kind, "CacheControl": _kept(new)}
    with plain_errors():
        aws.client("s3").copy(source, settings.S3_BUCKET, _checked(new), ExtraArgs=about)


def size(key: str) -> int:
    """Ask for an object's size."""
    with plain_errors():
        return int(_head(key)["ContentLength"])


def head(key: str, count: int, version: str) -> bytes:
    """Read an object's beginning."""
    wanted = {"Bucket": settings.S3_BUCKET, "Key": _checked(key), **_pinned(version)}
    with plain_errors():
        answer = aws.client("s3").get_object(**wanted, Range=f"bytes=0-{count - 1}")
        with contextlib.closing(answer["Body"]) as body:
            return bytes(body.read(count))


def chunks(key: str, size: int) -> Iterator[bytes]:
    """Read an object in pieces of `size` bytes."""
    with plain_errors():
        answer = aws.client("s3").get_object(Bucket=settings.S3_BUCKET, Key=_checked(key))
        with contextlib.closing(answer["Body"]) as body:
            yield from body.iter_chunks(size)


def listing(prefix: str, after: str, most: int) -> list[str]:
    """Ask for a part of the bucket's list, which is in the order of the keys' bytes."""
    where = {"Bucket": settings.S3_BUCKET, "Prefix": prefix, "StartAfter": after}
    pages = aws.client("s3").get_paginator("list_objects_v2")
    with plain_errors():
        found = pages.paginate(**where, PaginationConfig={"MaxItems": most})
        return [each["Key"] for page in found for each in page.get("Contents", ())]


def delete(keys: Sequence[str], unseen: bool) -> list[str]:
    """Delete objects, old versions too, and have CloudFront forget them; return those gone."""
    # Object by object: other makers of S3 want no request that deletes many, for its checksum.
    with ThreadPoolExecutor(_DELETES) as pool:
        gone = [key for key, done in zip(keys, pool.map(_deleted, keys), strict=True) if done]
    seen = [] if unseen else [key for key in gone if is_seen(key)]
    if not cdn.invalidate([f"/{key}" for key in seen]):
        gone = [key for key in gone if key not in seen]  # once more, until they are forgotten
    return gone


def public_url(key: str) -> str:
    """CloudFront's address of an object."""
    return cdn.url(_checked(key))


def signed_url(key: str, until: int) -> str:
    """CloudFront's address of a private object, good until that second of Unix time.

    S3's own while CloudFront has no key pair: a contest that is moderated needs none.
    """
    if settings.CF_KEY_PAIR_ID or settings.CF_PRIVATE_KEY:
        return cdn.signed_url(_checked(key), until)
    wanted = {"Bucket": settings.S3_BUCKET, "Key": _checked(key)}
    left = max(1, until - int(time.time()))
    return str(aws.client("s3").generate_presigned_url("get_object", wanted, ExpiresIn=left))


def free_bytes() -> int:
    """As many as S3 takes in one object: 5 TiB."""
    return 5 * 1024**4


def check() -> None:
    """Ask for the bucket."""
    with plain_errors():
        aws.client("s3").head_bucket(Bucket=settings.S3_BUCKET)


def _checked(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValueError(f"not a key: {key!r}")
    return key


def _pinned(version: str) -> dict[str, str]:
    if version.startswith('"'):
        return {"IfMatch": version}
    return {"VersionId": version} if version else {}


def _head(key: str) -> dict[str, Any]:
    return dict(aws.client("s3").head_object(Bucket=settings.S3_BUCKET, Key=_checked(key)))


def _deleted(key: str) -> bool:
    try:
        for version in _versions(_checked(key)):
            aws.client("s3").delete_object(Bucket=settings.S3_BUCKET, Key=key, **version)
    except (BotoCoreError, ClientError) as error:
        logger.error("an object was not deleted: %s", type(error).__name__)
        return False
    return True


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


class _Published(S3Storage):
    """django-storages: content type, streaming in parts, retries."""

    def get_object_parameters(self, name: str) -> dict[str, str]:
        """Let copies live for ever: a key's content never changes."""
        return {"CacheControl": _kept(name)}


def _kept(key: str) -> str:
    shared = "public" if key.partition("/")[0] in PUBLIC else "private"
    return f"{shared}, max-age=31536000, immutable"


@cache
def _published(bucket: str) -> S3Storage:
    storage = _Published(
        bucket_name=bucket,
        region_name=settings.AWS_REGION,
        endpoint_url=settings.S3_ENDPOINT_URL or None,
        client_config=aws.client("s3").meta.config,
        default_acl=None,
    )
    if not settings.S3_ENDPOINT_URL:  # other makers of S3 know no conditional writes
        # The bucket's connection, which all threads share; each has another one of its own.
        events = storage.bucket.meta.client.meta.events
        for call in ("PutObject", "CompleteMultipartUpload"):
            events.register(f"before-parameter-build.s3.{call}", _only_new)
    return storage


def _only_new(params: dict[str, Any], **_: object) -> None:
    params["IfNoneMatch"] = "*"


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what is gone into FileNotFoundError and every other failure into Unavailable."""
    try:
        yield
    except ClientError as error:
        code = aws.error_code(error)
        kind = FileNotFoundError if code in _GONE | _CHANGED else Unavailable
        raise kind(f"S3 answered {code}") from error
    except CancelledError as error:
        raise Stopped from error
    except (BotoCoreError, RetriesExceededError, S3DownloadFailedError) as error:
        raise Unavailable(f"S3 does not answer: {type(error).__name__}") from error
