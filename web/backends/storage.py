"""Stored files by key: objects in S3 where `s3_url` names a bucket, else files in a folder.

Keys are made here from UUIDs, below one of the original service's prefixes; a name that a user
wrote is never part of a key or a path.
"""

import re
import uuid
from pathlib import Path
from types import ModuleType

from django.conf import settings

SOURCES = "videos"  # originals, never public
VIDEOS = "videos_ffmpeg"
POSTERS = "videos_image"
CONTEST_IMAGES = "contests"
PUBLIC = (VIDEOS, POSTERS, CONTEST_IMAGES)

KEY = re.compile(rf"({SOURCES}|{'|'.join(PUBLIC)})/[0-9a-f]{{32}}(\.[a-z0-9]{{2,4}})?")


def new_key(prefix: str, suffix: str = "") -> str:
    """Return an unused key such as `videos_ffmpeg/<32 hex digits>.mp4`."""
    return f"{prefix}/{uuid.uuid4().hex}{suffix}"


def put(source: Path, key: str) -> None:
    """Store a local file under a new key; the file may be moved away.

    Afterwards the object is stored, whole: a crash leaves the old state or the new one.
    """
    _backend().put(source, key)


def fetch(key: str, target: Path, version: str = "") -> None:
    """Bring an object into a work folder as `target`; of several versions, just that one.

    Raises FileNotFoundError when it is gone.
    """
    _backend().fetch(key, target, version)


def size(key: str) -> int:
    """Return an object's size in bytes. Raises FileNotFoundError when it is gone."""
    return int(_backend().size(key))


def head(key: str, count: int) -> bytes:
    """Return an object's first `count` bytes. Raises FileNotFoundError when it is gone."""
    return bytes(_backend().head(key, count))


def delete(*keys: str) -> None:
    """Delete objects; none is no error."""
    _backend().delete(*keys)


def public_url(key: str) -> str:
    """Return the address a browser reads a public object from."""
    return str(_backend().public_url(key))


def free_bytes() -> int:
    """Return how many bytes an upload may still take."""
    return int(_backend().free_bytes())


def check() -> None:
    """Raise an OSError when nothing can be stored."""
    _backend().check()


def _backend() -> ModuleType:
    from backends import storage_folder, storage_s3

    return storage_s3 if settings.S3_BUCKET else storage_folder
