"""Stored files by key: objects in S3 where `s3_url` names a bucket, else files in a folder.

Keys are made here from UUIDs, below one of the original service's prefixes; a name that a user
wrote is never part of a key or a path. What belongs to a private contest lies below `private/`, and
is read by signed addresses only, which end after some hours.
"""

import logging
import re
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from django.conf import settings

from backends.models import Undeleted

logger = logging.getLogger(__name__)

SOURCES = "videos"  # originals, never public
VIDEOS = "videos_ffmpeg"
POSTERS = "videos_image"
CONTEST_IMAGES = "contests"
PUBLIC = (VIDEOS, POSTERS, CONTEST_IMAGES)

PRIVATE = "private/"

KEY = re.compile(rf"({PRIVATE})?({SOURCES}|{'|'.join(PUBLIC)})/[0-9a-f]{{32}}(\.[a-z0-9]{{2,4}})?")
_HOUR = 3600  # seconds
# How long a signed address is good for, at most; an hour less is more than the longest video.
_HOURS = 6


_MOST = 1000  # objects that one sweep tries to delete again


class Unavailable(OSError):
    """The storage does not answer, or is not allowed to do what it should; later it may be."""


def new_key(prefix: str, suffix: str = "", *, private: bool = False) -> str:
    """Return an unused key such as `videos_ffmpeg/<32 hex digits>.mp4`."""
    return f"{PRIVATE if private else ''}{prefix}/{uuid.uuid4().hex}{suffix}"


def is_seen(key: str) -> bool:
    """Say whether browsers read the object, rather than only we do."""
    return key.removeprefix(PRIVATE).partition("/")[0] in PUBLIC


def put(source: Path, key: str) -> None:
    """Store a local file under a new key; the file may be moved away. Raises OSError.

    Afterwards the object is stored, whole: a crash leaves the old state or the new one.
    """
    _backend().put(source, key)


def fetch(key: str, target: Path, version: str = "") -> None:
    """Bring an object into a work folder as `target`; of several versions, just that one.

    Raises FileNotFoundError when it is gone, Unavailable.
    """
    _backend().fetch(key, target, version)


def size(key: str) -> int:
    """Return an object's size in bytes. Raises FileNotFoundError when it is gone, Unavailable."""
    return int(_backend().size(key))


def head(key: str, count: int, version: str = "") -> bytes:
    """Return the first `count` bytes of an object, or of one version of it.

    Raises FileNotFoundError when it is gone, Unavailable.
    """
    return bytes(_backend().head(key, count, version))


def delete(*keys: str, unseen: bool = False) -> None:
    """Delete objects, their old versions and CloudFront's copies too; none is no error.

    Never fails: what can't be deleted now is noted, and the sweeper tries again. `unseen`: nobody
    was ever told their addresses, so there can be no copies.
    """
    if not _deleted(keys, unseen):
        noted = [Undeleted(key=key) for key in keys]
        Undeleted.objects.bulk_create(noted, ignore_conflicts=True)


def delete_again() -> int:
    """Delete what `delete` could not; return how many objects that were."""
    keys = list(Undeleted.objects.values_list("key", flat=True)[:_MOST])
    if not keys or not _deleted(keys, unseen=False):
        return 0
    Undeleted.objects.filter(key__in=keys).delete()
    return len(keys)


def _deleted(keys: Sequence[str], unseen: bool) -> bool:
    try:
        _backend().delete(keys, unseen)
    except OSError as error:
        logger.error("not deleted yet: %s objects (%s)", len(keys), error)
        return False
    return True


def public_url(key: str) -> str:
    """Return the address a browser reads an object from; of a private one it is signed.

    The same address for an hour, so that pages can be kept. Raises ValueError for an original.
    """
    if not is_seen(key):
        raise ValueError(f"nobody reads {key!r}")
    if key.startswith(PRIVATE):
        return str(_backend().signed_url(key, (int(time.time()) // _HOUR + _HOURS) * _HOUR))
    return str(_backend().public_url(key))


def free_bytes() -> int:
    """Return how many bytes an upload may still take."""
    return int(_backend().free_bytes())


def check() -> None:
    """Raise an OSError when nothing can be stored."""
    _backend().check()


def _backend() -> ModuleType:
    if settings.S3_BUCKET:
        from backends import storage_s3  # and boto3: 0.2 s and memory that one machine saves

        return storage_s3
    from backends import storage_folder

    return storage_folder
