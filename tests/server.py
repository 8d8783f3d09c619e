"""The site as it is served: gunicorn with its own configuration, on a test's database and files."""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from backends.models import SharedKey
from tests.waiting import until
from videoshare.config import ROOT


@contextmanager
def served() -> Iterator[str]:
    """Serve; yield the address, such as `http://localhost:40123`. Needs a transactional test."""
    settings.DATA.mkdir(parents=True, exist_ok=True)
    (settings.DATA / "db.sqlite3").symlink_to(connection.settings_dict["NAME"])
    # The same key, so that a session made by the test is one here.
    SharedKey.objects.update_or_create(defaults={"value": settings.SECRET_KEY})
    with gunicorn(settings.DATA) as (address, _):
        yield address


@contextmanager
def gunicorn(data: Path) -> Iterator[tuple[str, int]]:
    """Serve what is in a data folder; yield the address and the id of the first process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "web/gunicorn.conf.py")]
    environ = os.environ | {"VIDEOSHARE_DATA": str(data), "PORT": str(port)}
    process = subprocess.Popen([*command, "--log-level", "error"], env=environ)
    try:
        until(lambda: process.poll() is not None or _answers(port))
        assert process.poll() is None
        yield f"http://localhost:{port}", process.pid
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/readyz", timeout=5):
            return True
    except OSError:  # not yet
        return False
