"""Backups of one machine: database and stored files in one tar file, with the digest of each.

Any machine can read one: `tar -xf` unpacks it, `sha256sum -c SHA256SUMS` checks it. That list is
the last member, so a file that was cut off has none. Uploads under way and mails are left out. It
holds all that the database does, addresses and keys included: nobody else's to read.
"""

import hashlib
import os
import re
import sqlite3
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection

from backends import storage, storage_folder

DATABASE, MEDIA, SUMS = "db.sqlite3", "media", "SHA256SUMS"
_CHUNK = 1024**2
_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")
_LONGEST_LINE = 200  # bytes


class Unusable(Exception):
    """Not a backup, not a whole one, or not one for here; the message is for people."""


def possible() -> bool:
    """Say whether all data lie on this machine: RDS and S3 keep copies of their own."""
    return connection.vendor == "sqlite" and not settings.S3_BUCKET


def write(target: Path) -> None:
    """Write a backup, while the site runs, and read it again before it gets its name.

    Raises FileExistsError, other OSErrors, and Unusable when the database is damaged.
    """
    if target.exists():
        raise FileExistsError(17, "it exists already", str(target))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        dir=target.parent, prefix=f"{target.name}.", suffix=".part", delete=False
    ) as file:
        partial = Path(file.name)
        try:
            _write(file)
            file.flush()
            os.fsync(file.fileno())
            check(partial)
            partial.rename(target)
        except BaseException:
            partial.unlink()
            raise


def check(path: Path) -> None:
    """Read all of a backup and compare each digest. Raises Unusable, OSError."""
    _read(path, None)


def unpack(path: Path, folder: Path) -> None:
    """Put what a backup holds into a new folder, each digest compared. Raises Unusable, OSError."""
    Path(folder, MEDIA).mkdir(parents=True)
    _read(path, folder)


def size(path: Path) -> int:
    """Return how many bytes a backup unpacks to. Raises Unusable, OSError."""
    with _opened(path) as tar:
        return sum(member.size for member in _members(tar).values())


def _write(file: IO[bytes]) -> None:
    sums = []
    with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, source in _sources():
            try:
                sums.append(f"{_add(tar, name, source)}  {name}\n")
            except FileNotFoundError:  # deleted since it was listed
                continue
        listed = "".join(sums).encode()
        about = tarfile.TarInfo(SUMS)
        about.size = len(listed)
        tar.addfile(about, BytesIO(listed))


def _sources() -> Iterator[tuple[str, Path]]:
    """The members and where to copy each from.

    The database first: the files that it names are stored already, and a later one harms nobody.
    """
    settings.WORK_ROOT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="backup-", dir=settings.WORK_ROOT) as folder:
        copy = Path(folder, DATABASE)
        _copy_database(copy)
        yield DATABASE, copy
    for private in ("", storage.PRIVATE):
        for prefix in (storage.SOURCES, *storage.PUBLIC):
            for key in storage.listing(f"{private}{prefix}/", "", sys.maxsize):
                yield f"{MEDIA}/{key}", storage_folder.path_of(key)


def _copy_database(target: Path) -> None:
    """Copy it as it is at one moment, whoever writes meanwhile. Raises Unusable."""
    ours = Path(connection.settings_dict["NAME"]).absolute().as_uri()
    try:
        with (
            closing(sqlite3.connect(f"{ours}?mode=rw", uri=True)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
            whole = copy.execute("PRAGMA quick_check").fetchone() == ("ok",)
    except sqlite3.Error as error:
        raise Unusable(f"the database can't be read ({error})") from error
    if not whole:
        raise Unusable("the database is damaged")


def _add(tar: tarfile.TarFile, name: str, source: Path) -> str:
    """Add a file to the archive; return its digest. Raises FileNotFoundError before it began."""
    with source.open("rb") as file:
        about = tarfile.TarInfo(name)
        about.size, about.mtime = os.fstat(file.fileno()).st_size, int(source.stat().st_mtime)
        read = _Digesting(file)
        tar.addfile(about, read)  # type: ignore[arg-type]
    return read.digest.hexdigest()


class _Digesting:
    """A file that digests what is read from it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.digest = file, hashlib.sha256()

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes."""
        content = self.file.read(size)
        self.digest.update(content)
        return content


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    """Open a backup. Raises OSError and, for all that its content does to tarfile, Unusable."""
    try:
        with tarfile.open(path, "r:") as tar:
            yield tar
    except (tarfile.TarError, ValueError, OverflowError) as error:
        raise Unusable(f"{path.name} is not a backup, or not all of one") from error


def _read(path: Path, folder: Path | None) -> None:
    """Read each member, copy it into the folder if there is one, and compare its digest."""
    with _opened(path) as tar:
        members = _members(tar)
        sums = _sums(path, tar, members)
        for name, member in members.items():
            target = Path(folder, name) if folder else Path(os.devnull)
            target.parent.mkdir(parents=True, exist_ok=True)
            digest = hashlib.sha256()
            with target.open("wb") as file:
                for chunk in _chunks(tar, member):
                    digest.update(chunk)
                    file.write(chunk)
            if digest.hexdigest() != sums[name]:
                raise Unusable(f"{path.name} is damaged: {name} is not what it was")


def _members(tar: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    """Return the files by name; all but those that `write` makes are refused.

    So no member can name a place outside, be a link or a device, or stand for another.
    """
    found: dict[str, tarfile.TarInfo] = {}
    for member in tar:
        key = member.name.removeprefix(f"{MEDIA}/")
        ours = member.name in (DATABASE, SUMS) or (
            key != member.name and storage.KEY.fullmatch(key)
        )
        plain = member.type == tarfile.REGTYPE and not member.issparse()
        if not ours or not plain or member.name in found:
            raise Unusable(f"it holds {member.name!r}, which no backup of ours does")
        found[member.name] = member
    return found


def _sums(path: Path, tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> dict[str, str]:
    """Take the list of digests out of the members. Raises Unusable when it is not of just them."""
    listed = members.pop(SUMS, None)
    if listed is None or listed.size > _LONGEST_LINE * len(members):
        raise Unusable(f"{path.name} is not whole: its list of digests is missing")
    lines = b"".join(_chunks(tar, listed)).decode("ascii", "replace").splitlines()
    found = [_LINE.fullmatch(line) for line in lines]
    sums = {each[2]: each[1] for each in found if each}
    if len(sums) != len(lines) or sums.keys() != members.keys() or DATABASE not in sums:
        raise Unusable(f"{path.name} is damaged: its list of digests is of other files")
    return sums


def _chunks(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    source = tar.extractfile(member)
    while source and (chunk := source.read(_CHUNK)):
        yield chunk
