"""Stored files by key: objects in S3 where `s3_url` names a bucket, else files in a folder.

Keys are made here from UUIDs, below one of the original service's prefixes; a name that a user
wrote is never part of a key or a path. What belongs to a private contest lies below `private/`, and
is read by signed addresses only, which end after some hours.
"""

import logging
import re
import threading
import time
import uuid
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path, PurePosixPath
from types import ModuleType

from django.conf import settings

from backends.models import Undeleted
from backends.transactions import retried

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
_AT_ONCE = 100  # objects that a request deletes itself
_FEW = 2  # videos of the largest kind; if less has room, people should know
_MOST = 1000  # objects that one sweep deletes


class Unavailable(OSError):
    """The storage does not answer, or is not allowed to do what it should; later it may be."""


class Stopped(OSError):
    """Somebody set `stop` before all was transferred."""


def new_key(prefix: str, suffix: str = "", *, private: bool = False) -> str:
    """Return an unused key such as `videos_ffmpeg/<32 hex digits>.mp4`."""
    return f"{PRIVATE if private else ''}{prefix}/{uuid.uuid4().hex}{suffix}"


def key_beside(key: str, *, private: bool) -> str:
    """Return an unused key for the same kind of file, in the private area or outside of it."""
    prefix, _, name = key.removeprefix(PRIVATE).partition("/")
    return new_key(prefix, PurePosixPath(name).suffix, private=private)


def is_seen(key: str) -> bool:
    """Say whether browsers read the object, rather than only we do."""
    return key.removeprefix(PRIVATE).partition("/")[0] in PUBLIC


def put(source: Path, key: str, stop: threading.Event | None = None) -> None:
    """Store a local file under a new key; the file may be moved away. Raises OSError.

    Afterwards the object is stored, whole: a crash leaves the old state or the new one. `stop` ends
    a slow transfer, which raises Stopped.
    """
    _backend().put(source, key, stop or threading.Event())


def fetch(key: str, target: Path, version: str = "", stop: threading.Event | None = None) -> None:
    """Bring an object into a work folder as `target`; of several versions, just that one.

    Raises FileNotFoundError when it is gone, Unavailable, and Stopped once `stop` is set.
    """
    _backend().fetch(key, target, version, stop or threading.Event())


def copy(key: str, new: str) -> None:
    """Store the same content under a new key, too.

    Raises FileNotFoundError when it is gone, and other OSErrors; then nothing is there, or all.
    """
    _backend().copy(key, new)


def size(key: str) -> int:
    """Return an object's size in bytes. Raises FileNotFoundError when it is gone, Unavailable."""
    return int(_backend().size(key))


def head(key: str, count: int, version: str = "") -> bytes:
    """Return the first `count` bytes of an object, or of one version of it.

    Raises FileNotFoundError when it is gone, Unavailable.
    """
    return bytes(_backend().head(key, count, version))


def chunks(key: str) -> Iterator[bytes]:
    """Read a whole object piece by piece, each of 64 KiB at most.

    Raises FileNotFoundError when it is gone, Unavailable; both once it is read.
    """
    yield from _backend().chunks(key, 64 * 1024)


def listing(prefix: str, after: str, most: int) -> list[str]:
    """Return the keys of the objects below a prefix such as `videos/`, in order.

    Only those that come behind the key `after`, at most `most`. What others put there may stand
    among them. Raises Unavailable.
    """
    return list(_backend().listing(prefix, after, most))


def doom(*keys: str) -> None:
    """Note in a transaction that objects are to be deleted once it is committed.

    Whoever calls `delete` then may die before: the sweeper deletes what is noted.
    """
    Undeleted.objects.bulk_create([Undeleted(key=key) for key in keys], ignore_conflicts=True)


def delete(*keys: str, unseen: bool = False) -> None:
    """Delete objects, their old versions and CloudFront's copies too; none is no error.

    What can't be deleted now, and what would be too much for one request, is left to the sweeper.
    `unseen`: nobody was ever told their addresses, so there can be no copies.
    """
    deleted = _delete_now(keys[:_AT_ONCE], unseen)
    doom(*(key for key in keys if key not in deleted))


def delete_again() -> int:
    """Delete what is noted; return how many objects are gone. Raises Unavailable."""
    # Any of them, so that some which can't be deleted do not stand before all others.
    keys = Undeleted.objects.order_by("?").values_list("key", flat=True)[:_MOST]
    return len(_delete_now(list(keys), unseen=False))


def _delete_now(keys: Sequence[str], unseen: bool) -> set[str]:
    deleted = set(_backend().delete(keys, unseen)) if keys else set()
    _forget(deleted)
    if left := len(keys) - len(deleted):
        logger.error("not deleted yet: %s objects", left)
    return deleted


@retried
def _forget(deleted: Collection[str]) -> None:
    Undeleted.objects.filter(key__in=deleted).delete()


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


def little_room() -> int | None:
    """Return how many bytes uploads may still take when that is little; None otherwise."""
    free = free_bytes()
    return free if free < _FEW * settings.MAX_UPLOAD_BYTES else None


def check() -> None:
    """Raise an OSError when nothing can be stored."""
    _backend().check()


def _backend() -> ModuleType:
    if settings.S3_BUCKET:
        from backends import storage_s3  # and boto3: 0.2 s and memory that one machine saves

        return storage_s3
    from backends import storage_folder

    return storage_folder
