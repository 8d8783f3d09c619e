"""Multipart uploads by signed addresses: on one machine, addresses of our own site.

The five calls are S3's (create, sign part, list parts, complete, abort), so that the browser code
is the same when it uploads straight to S3. A file under way is one sparse file of its final size,
in which each part has its place, and beside it an empty marker per finished part
(`00001.<md5>`): completing moves the file and copies nothing.
"""

import contextlib
import hashlib
import os
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core import signing

from backends import storage

PART_BYTES = 5 * 1024**2  # S3's smallest; small parts lose little when a line breaks
SIGNED_SECONDS = 15 * 60
_CHUNK = 256 * 1024
_SALT = "upload-part"


@dataclass(frozen=True)
class Part:
    """One part on the server; `size` in bytes, `etag` its MD5 in hex, quoted as in HTTP."""

    number: int
    size: int
    etag: str


class NoSpace(Exception):
    """The file would not fit on the disk."""


class Incomplete(Exception):
    """Parts are missing or not as announced."""


def create(size: int) -> str:
    """Begin an upload of `size` bytes, reserve its disk space, return its id. Raises NoSpace."""
    if size > storage.free_bytes():
        raise NoSpace
    upload_id = uuid.uuid4().hex
    folder = _folder(upload_id)
    folder.mkdir(parents=True)
    try:
        with (folder / "data").open("wb") as file:
            # Really reserved, so that many uploads begun together can't overfill the disk.
            os.posix_fallocate(file.fileno(), 0, size)
    except OSError as error:
        abort(upload_id)
        raise NoSpace from error
    return upload_id


def part_size(total: int, number: int) -> int:
    """Return how many bytes part `number` (from 1) of a `total`-byte file has; 0: no such part."""
    start = (number - 1) * PART_BYTES
    return max(0, min(PART_BYTES, total - start)) if number >= 1 else 0


def sign_part(upload_id: str, number: int, total: int) -> str:
    """Return the address that takes this one part, of this one size, for 15 minutes."""
    fields = {"id": upload_id, "part": number, "size": part_size(total, number)}
    return f"/uploads/parts/{signing.dumps(fields, salt=_SALT)}"


def receive_part(token: str, stream: BinaryIO, length: int) -> str:
    """Write one part from a request's body and return its ETag.

    Raises signing.BadSignature for a forged or expired address, Incomplete when the body has not
    the signed length (bytes), FileNotFoundError when the upload has ended.
    """
    fields = signing.loads(token, salt=_SALT, max_age=SIGNED_SECONDS)
    if length != fields["size"]:
        raise Incomplete
    folder, number, digest = _folder(fields["id"]), fields["part"], hashlib.md5()  # noqa: S324
    left = length
    with (folder / "data").open("r+b") as file:
        file.seek((number - 1) * PART_BYTES)
        while left and (chunk := stream.read(min(left, _CHUNK))):
            file.write(chunk)
            digest.update(chunk)
            left -= len(chunk)
    if left:
        raise Incomplete  # the line broke: no marker, so the part is sent again
    for stale in folder.glob(f"{number:05d}.*"):
        stale.unlink(missing_ok=True)
    (folder / f"{number:05d}.{digest.hexdigest()}").touch()
    return f'"{digest.hexdigest()}"'


def list_parts(upload_id: str, total: int) -> list[Part]:
    """Return the parts that have arrived, in order. Raises FileNotFoundError for an ended one."""
    markers = sorted(each.name for each in _folder(upload_id).iterdir() if each.name != "data")
    parts = []
    for name in markers:
        number, digest = name.split(".")
        parts.append(Part(int(number), part_size(total, int(number)), f'"{digest}"'))
    return parts


def complete(upload_id: str, total: int, key: str) -> None:
    """Turn the parts into the object `key`; doing it twice is doing it once. Raises Incomplete."""
    folder = _folder(upload_id)
    if not folder.exists() and storage.path_of(key).exists():
        return
    try:
        arrived = {part.number for part in list_parts(upload_id, total)}
    except FileNotFoundError as error:
        raise Incomplete from error
    if arrived != set(range(1, -(-total // PART_BYTES) + 1)):
        raise Incomplete
    storage.put(folder / "data", key)
    shutil.rmtree(folder, ignore_errors=True)


def abort(upload_id: str) -> None:
    """Drop an upload and what has arrived of it; none is no error."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(_folder(upload_id))


def _folder(upload_id: str) -> Path:
    return Path(settings.MEDIA_ROOT, "uploads", uuid.UUID(upload_id).hex)
