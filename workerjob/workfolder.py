"""A worker's own work folder, and the end of those whose workers have died.

A folder is locked (flock) as long as its process lives: the kernel ends the lock with the process,
however that dies. Whether a process of that number lives says nothing, for numbers come again, in
containers always the same.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def own(root: Path) -> Iterator[Path]:
    """Make a folder in `root` for this process until the block ends; clear those of dead ones."""
    root.mkdir(parents=True, exist_ok=True)
    # One at a time: between being made and being locked a folder looks like a dead worker's.
    with _locked(root, fcntl.LOCK_EX):
        for folder in root.glob("[0-9]*"):
            with suppress(OSError), _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
                shutil.rmtree(folder, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=root))
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    """Hold a folder's lock. Raises OSError: it is another's, or there is no such folder."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, how)
        yield
    finally:
        os.close(lock)
