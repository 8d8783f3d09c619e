"""Putting a backup in the place of all data, whole or not at all.

All is unpacked and looked at beside the data. Then one renaming decides: from there on the new data
are put in place, by the next process that starts if this one dies. The old ones stay beside until
the new ones stand.
"""

import os
import shutil
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from backends import in_use
from backends.backups import DATABASE, MEDIA, Unusable, size, unpack

_UNPACKED, _DECIDED, _OLD = "restoring", "restored", "replaced"  # folders beside the data


def decide(path: Path) -> None:
    """Check a backup and decide that it is put in the place of all data, which `finish` does.

    Uploads under way are gone then; mails stay. Raises Unusable, BlockingIOError while a web server
    or a worker runs, and other OSErrors; then all is as it was.
    """
    with in_use.alone():
        unpacked = Path(settings.DATA, _UNPACKED)
        shutil.rmtree(unpacked, ignore_errors=True)  # of one who died
        _require_possible(path)
        try:
            unpack(path, unpacked)
            _require_fitting(unpacked / DATABASE)
            os.sync()
            unpacked.rename(Path(settings.DATA, _DECIDED))
        finally:
            shutil.rmtree(unpacked, ignore_errors=True)


def finish() -> None:
    """Put in place what is decided, if anything is; what one who died has done is not done again.

    Every process of ours begins with this. Raises OSError; then another can go on.
    """
    if Path(settings.DATA, _DECIDED).is_dir():
        with in_use.alone(wait=True):
            _put_in_place()


def _put_in_place() -> None:
    new, old = Path(settings.DATA, _DECIDED), Path(settings.DATA, _OLD)
    if not new.is_dir():  # somebody else has finished
        return
    old.mkdir(exist_ok=True)
    if (new / MEDIA).exists():
        _move_away(MEDIA, old)
        (new / MEDIA).rename(Path(settings.DATA, MEDIA))
    if (new / DATABASE).exists():
        # What SQLite keeps beside the old database would spoil the new one.
        for name in (f"{DATABASE}-wal", f"{DATABASE}-shm", DATABASE):
            _move_away(name, old)
        (new / DATABASE).rename(Path(settings.DATA, DATABASE))
    os.sync()
    shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _move_away(name: str, old: Path) -> None:
    if (found := Path(settings.DATA, name)).exists():
        found.rename(old / f"{name}.{uuid.uuid4().hex}")


def _require_possible(path: Path) -> None:
    needed, free = size(path), shutil.disk_usage(settings.DATA).free
    if needed > free:
        raise Unusable(f"it unpacks to {needed:,} bytes, and {free:,} are free")
    if settings.MEDIA_ROOT.is_mount():
        raise Unusable(f"{settings.MEDIA_ROOT} is a disk of its own, which can't be swapped")


def _require_fitting(database: Path) -> None:
    """Raise Unusable for a damaged database, or one of a newer VideoShare's."""
    try:
        with closing(sqlite3.connect(database)) as opened:
            whole = opened.execute("PRAGMA quick_check").fetchone() == ("ok",)
            applied = set(opened.execute("SELECT app, name FROM django_migrations"))
    except sqlite3.DatabaseError as error:
        raise Unusable("its database can't be read") from error
    if not whole:
        raise Unusable("its database is damaged")
    if newer := sorted(applied - MigrationLoader(None).disk_migrations.keys()):
        raise Unusable(f"a newer VideoShare made it ({'.'.join(newer[0])}): update this one first")
