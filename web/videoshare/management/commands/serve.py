"""`manage.py serve`: the whole service on one machine and in one terminal.

Starts gunicorn and one worker, starts either again when it dies, and stops both when it is told to.
"""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from videoshare.children import ROOT, Child, stop_all

TICK = 0.2  # seconds between two looks at the children
RELOAD_EVERY = 1.0  # seconds between two looks at the files


class Command(BaseCommand):
    """Runs until SIGINT (Ctrl-C), SIGTERM or SIGHUP and exits with 0; with 1 if it can't start."""

    help = "Run the site and one worker on this machine."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument(
            "--concurrency", type=int, default=1, help="conversions at a time (default: 1)"
        )
        parser.add_argument(
            "--reload", action="store_true", help="restart when a source file changes"
        )

    def handle(self, **options: Any) -> None:
        """Run the children until told to stop. Raises CommandError when the port is taken."""
        port = options["port"]
        _require_free(port)
        # No Event: its lock is held by this very thread now and then, and a signal's handler that
        # wanted it just then would wait for ever.
        stop: list[int] = []
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                signal.signal(number, lambda number, _: stop.append(number))
        children = _children(port, options["concurrency"])
        try:
            self._look_after(children, port, stop, reload=options["reload"])
        finally:
            self._say("Stopping.")
            stop_all(children)

    def _look_after(
        self, children: list[Child], port: int, stop: list[int], *, reload: bool
    ) -> None:
        announced = False
        changes = _changes() if reload else None
        while not stop:
            for child in children:
                if news := child.tick():
                    self._say(news)
            if not announced and _answers(port):
                announced = True
                self._say(f"VideoShare runs at http://localhost:{port}/ (Ctrl-C stops it)")
            if changes and next(changes):
                self._reload(children)
            time.sleep(TICK)

    def _reload(self, children: list[Child]) -> None:
        self._say("Files changed: restarting.")
        subprocess.run(["make", "--silent", "built"], cwd=ROOT, check=False)
        web, worker = children
        web.send(signal.SIGHUP)  # gunicorn's word for new code without closing the port
        worker.restart()

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _children(port: int, concurrency: int) -> list[Child]:
    """Return the web server and the worker, not yet started."""
    env = {**os.environ, "VIDEOSHARE_PORT": str(port), "PORT": str(port)}
    web = [sys.executable, "-m", "gunicorn", "--config", "web/gunicorn.conf.py"]
    worker = [sys.executable, "-m", "workerjob", "--concurrency", str(concurrency)]
    worker += ["--grace", "5"]  # what is not ready then is given back before the worker is killed
    return [
        Child("web server", [*web, "--bind", f"127.0.0.1:{port}"], env, grace=8),
        Child("worker", worker, env, grace=10),
    ]


def _require_free(port: int) -> None:
    """Raise CommandError if another program listens on the port, or may not be ours to take."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(
                f"Port {port} can't be used ({error.strerror}): stop what runs there, "
                f"or choose another with PORT={port + 1}."
            ) from error


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _changes() -> Iterator[bool]:
    """Yield, each time, whether a source file changed since the last look."""
    known, looked = _sources(), time.monotonic()
    while True:
        if time.monotonic() - looked < RELOAD_EVERY:
            yield False
            continue
        now = _sources()
        yield now != known
        known, looked = now, time.monotonic()


def _sources() -> dict[Path, float]:
    """Return the time of change of every file whose change asks for a restart."""
    skipped = {"node_modules", "staticfiles", "build", "__pycache__"}
    found = {}
    for top in (ROOT / "web", ROOT / "workerjob"):
        for folder, names, files in os.walk(top):
            names[:] = [name for name in names if name not in skipped]
            for name in files:
                if name.endswith((".py", ".html", ".txt", ".po", ".js", ".css")):
                    path = Path(folder, name)
                    with contextlib.suppress(FileNotFoundError):  # an editor's passing file
                        found[path] = path.stat().st_mtime
    return found
