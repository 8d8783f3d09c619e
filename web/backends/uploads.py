"""Multipart uploads by signed addresses: straight to S3, or on one machine to our own site.

The five calls are S3's (create, sign part, list parts, complete, abort), so that the browser code
is the same for both. Each but abort raises `storage.Unavailable` when S3 does not answer; nothing
is lost then, and the same call works later.
"""

from dataclasses import dataclass
from types import ModuleType

from django.conf import settings

PART_BYTES = 5 * 1024**2  # S3's smallest; small parts lose little when a line breaks
MAX_PARTS = 10_000  # S3's most
SIGNED_SECONDS = 15 * 60


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


def create(key: str, size: int) -> str:
    """Begin an upload of `size` bytes to the object `key`; return its id. Raises NoSpace."""
    return str(_backend().create(key, size))


def part_size(total: int, number: int) -> int:
    """Return how many bytes part `number` (from 1) of a `total`-byte file has; 0: no such part."""
    start = (number - 1) * PART_BYTES
    return max(0, min(PART_BYTES, total - start)) if number >= 1 else 0


def all_parts(total: int) -> list[Part]:
    """Return the parts of a file that is here as a whole; what their ETags were is forgotten."""
    numbers = range(1, -(-total // PART_BYTES) + 1)
    return [Part(number, part_size(total, number), '""') for number in numbers]


def sign_part(upload_id: str, key: str, number: int, total: int) -> str:
    """Return the address that takes this one part, of this one size, for 15 minutes."""
    return str(_backend().sign_part(upload_id, key, number, total))


def list_parts(upload_id: str, key: str, total: int) -> list[Part]:
    """Return the parts that have arrived, in order. Raises FileNotFoundError for an ended one."""
    return list(_backend().list_parts(upload_id, key, total))


def complete(upload_id: str, key: str, total: int) -> str:
    """Turn the parts into the object; doing it twice is doing it once. Raises Incomplete.

    Returns the object's version, which names these very bytes whatever happens to the key later;
    "" where no key is written twice.
    """
    return str(_backend().complete(upload_id, key, total))


def abort(upload_id: str, key: str) -> None:
    """Drop an upload and what has arrived of it; none is no error.

    Never fails: parts that can't be dropped now, the bucket drops by itself after some days.
    """
    _backend().abort(upload_id, key)


def _backend() -> ModuleType:
    if settings.S3_BUCKET:
        from backends import uploads_s3

        return uploads_s3
    from backends import uploads_folder

    return uploads_folder
