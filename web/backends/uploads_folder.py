"""Multipart uploads on one machine: to signed addresses of our own site.

A file under way is one sparse file of its final size, in which each part has its place, and beside
it an empty marker per finished part (`00001.<md5>`): completing moves the file and copies nothing.
`uploads.py` says what each function does.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core import signing

from backends import storage_folder, uploads
from backends.uploads import Incomplete, NoSpace, Part, all_parts, part_size

_CHUNK = 64 * 1024
_DATA = "data"
_SALT = "upload-part"


class Readable(Protocol):
    """What a part is read from: a request, a file."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""
        ...


def create(key: str, size: int) -> str:
    """Begin an upload of `size` bytes, reserve its disk space, return its id. Raises NoSpace."""
    if size > storage_folder.free_bytes():
        raise NoSpace
    upload_id = uuid.uuid4().hex
    folder = _folder(upload_id)
    folder.mkdir(parents=True)
    try:
        with (folder / _DATA).open("wb") as file:
            # Really reserved, so that many uploads begun together can't overfill the disk.
            os.posix_fallocate(file.fileno(), 0, size)
        if not storage_folder.is_reserve_whole():  # all of them saw the same free space
            raise OSError(errno.ENOSPC, "the reserve would be touched")
    except OSError as error:
        abort(upload_id, key)
        raise NoSpace from error
    return upload_id


def sign_part(upload_id: str, key: str, number: int, total: int) -> str:
    """Return the address that takes this one part, of this one size, for 15 minutes."""
    fields = {"id": upload_id, "part": number, "size": part_size(total, number)}
    return f"/uploads/parts/{signing.dumps(fields, salt=_SALT)}"


def receive_part(token: str, stream: Readable, length: int) -> str:
    """Write one part from a request's body and return its ETag.

    Raises signing.BadSignature for a forged or expired address, Incomplete when the body has not
    the signed length (bytes), FileNotFoundError when the upload has ended.
    """
    fields = signing.loads(token, salt=_SALT, max_age=uploads.SIGNED_SECONDS)
    if length != fields["size"]:
        raise Incomplete
    folder, number = _folder(fields["id"]), fields["part"]
    digest, left = hashlib.md5(usedforsecurity=False), length
    with (folder / _DATA).open("r+b") as file:
        file.seek((number - 1) * uploads.PART_BYTES)
        while left and (chunk := stream.read(min(left, _CHUNK))):
            file.write(chunk)
            digest.update(chunk)
            left -= len(chunk)
        if left:
            raise Incomplete  # the line broke: no marker, so the part is sent again
        file.flush()
        os.fdatasync(file.fileno())  # a marker promises that the bytes survive a power cut
    # The new marker first: a part that is sent twice is never missing in between.
    marker = folder / f"{number:05d}.{digest.hexdigest()}"
    marker.touch()
    for stale in folder.glob(f"{number:05d}.*"):
        if stale != marker:
            stale.unlink(missing_ok=True)
    return f'"{digest.hexdigest()}"'


def list_parts(upload_id: str, key: str, total: int) -> list[Part]:
    """Return the parts that have arrived, in order. Raises FileNotFoundError for an ended one."""
    markers = (each.name.split(".") for each in _folder(upload_id).iterdir() if each.name != _DATA)
    digests = {int(number): digest for number, digest in markers}
    return [
        Part(number, part_size(total, number), f'"{digest}"')
        for number, digest in sorted(digests.items())
    ]


def complete(upload_id: str, key: str, total: int) -> str:
    """Turn the parts into the object `key`; doing it twice is doing it once. Raises Incomplete."""
    folder = _folder(upload_id)
    try:
        with _locked(folder):
            if len(list_parts(upload_id, key, total)) != len(all_parts(total)):
                raise Incomplete
            storage_folder.put(folder / _DATA, key)
            abort(upload_id, key)
    except FileNotFoundError as error:
        if not storage_folder.path_of(key).exists():
            raise Incomplete from error
    return ""


def abort(upload_id: str, key: str) -> None:
    """Drop an upload and what has arrived of it; none is no error."""
    folder = _folder(upload_id)
    # Out of the way first: a part that is just arriving could put its marker into a half-empty
    # folder, which then can't be removed.
    gone = folder.with_suffix(f".{uuid.uuid4().hex}")
    with contextlib.suppress(FileNotFoundError):
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one thread of one process at a time in. Raises FileNotFoundError without the folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)  # belongs to this open(), so it parts threads too
        yield
    finally:
        os.close(handle)


def _folder(upload_id: str) -> Path:
    return Path(settings.MEDIA_ROOT, "uploads", uuid.UUID(upload_id).hex)
