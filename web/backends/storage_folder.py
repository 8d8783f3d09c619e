"""Stored files on one machine: a folder, `settings.MEDIA_ROOT`.

`storage.py` says what each function does.
"""

import logging
import os
import shutil
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing

from backends.storage import KEY

logger = logging.getLogger(__name__)


def path_of(key: str) -> Path:
    """Return the file behind a key. Raises ValueError for anything that `new_key` did not make."""
    if not KEY.fullmatch(key):
        raise ValueError(f"not a key: {key!r}")
    return Path(settings.MEDIA_ROOT, key)


def put(source: Path, key: str, stop: threading.Event | None = None) -> None:
    """Store a local file under a new key, moving it where both are on one file system.

    Afterwards the object is on disk, whole: a crash leaves the old state or the new one.
    """
    target = path_of(key)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Named as a key of its own, so that the sweeper finds what somebody who died left behind.
    partial = target.with_name(f"{uuid.uuid4().hex}.part")
    try:
        source.rename(partial)
    except OSError:  # another file system
        shutil.copyfile(source, partial)
        source.unlink()
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.rename(target)


def fetch(key: str, target: Path, version: str, stop: threading.Event) -> None:
    """Bring an object into a work folder as `target`. Raises FileNotFoundError when it is gone."""
    target.unlink(missing_ok=True)
    try:
        os.link(path_of(key), target)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(path_of(key), target)


def copy(key: str, new: str) -> None:
    """Give a file a second name or, where the file system knows no hard links, make a second."""
    target = path_of(new)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path_of(key), target)
    except FileNotFoundError:
        raise
    except OSError:
        partial = target.with_name(f"{uuid.uuid4().hex}.part")
        shutil.copyfile(path_of(key), partial)
        put(partial, new)


def size(key: str) -> int:
    """Return an object's size in bytes. Raises FileNotFoundError when it is gone."""
    return path_of(key).stat().st_size


def head(key: str, count: int, version: str) -> bytes:
    """Return an object's first `count` bytes."""
    with path_of(key).open("rb") as file:
        return file.read(count)


def chunks(key: str, size: int) -> Iterator[bytes]:
    """Read an object in pieces of `size` bytes."""
    with path_of(key).open("rb") as file:
        while piece := file.read(size):
            yield piece


def listing(prefix: str, after: str, most: int) -> list[str]:
    """Return keys below a prefix; what is not ours is left out."""
    folder = Path(settings.MEDIA_ROOT, prefix)
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    keys = sorted(key for name in names if KEY.fullmatch(key := prefix + name) and key > after)
    return keys[:most]


def delete(keys: Sequence[str], unseen: bool) -> list[str]:
    """Delete objects; return those that are gone."""
    return [key for key in keys if _deleted(path_of(key))]


def _deleted(path: Path) -> bool:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        logger.exception("a file was not deleted")
        return False
    return True


def public_url(key: str) -> str:
    """Return the address a browser reads a public object from."""
    return f"/media/{key}"


def signed_url(key: str, until: int) -> str:
    """Return an address that is good until that second of Unix time; `is_signed` knows it again."""
    return f"{public_url(key)}?{urlencode({'signed': _signer().sign_object([key, until])})}"


def is_signed(key: str, signed: str) -> bool:
    """Say whether `signed`, from an address, still opens a private object."""
    try:
        named, until = _signer().unsign_object(signed)
    except signing.BadSignature:
        return False
    return bool(named == key and time.time() < until)


def _signer() -> signing.Signer:
    return signing.Signer(salt="private-media")


def free_bytes() -> int:
    """Return how many bytes an upload may still take, the configured reserve left alone."""
    return max(0, _beyond_reserve())


def is_reserve_whole() -> bool:
    """Say whether the disk still has the configured reserve; open uploads have theirs already."""
    return _beyond_reserve() >= 0


def _beyond_reserve() -> int:
    Path(settings.MEDIA_ROOT).mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(settings.MEDIA_ROOT).free - settings.DISK_RESERVE_BYTES


def check() -> None:
    """Raise an OSError when nothing can be stored."""
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    probe = root / f".check-{uuid.uuid4().hex}"
    probe.touch()
    probe.unlink()
