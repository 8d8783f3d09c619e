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

from backends import in_use
from videoshare import lan
from videoshare.children import ROOT, Child, stop_all

TICK = 0.2  # seconds between two looks at the children
RELOAD_EVERY = 1.0  # seconds between two looks at the files

_LAN_MEANS = """\
Everybody in the same network can open this address; the code takes a phone there.
What they send is not encrypted on its way, so use a network that you trust. Pages and mails
link to this address: should the machine get another one, start again.\
"""


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
        parser.add_argument(
            "--lan",
            nargs="?",
            const="",
            metavar="ADDRESS",
            help="serve the local network, at one of this machine's addresses",
        )

    def handle(self, **options: Any) -> None:
        """Run the children until told to stop. Raises CommandError when they could not be reached.

        Without `--lan` the site listens on loopback only.
        """
        port, asked = options["port"], options["lan"]
        address = "" if asked is None else _lan_address(asked)
        host = "0.0.0.0" if address else "127.0.0.1"  # noqa: S104 - what `--lan` asks for
        _require_free(host, port)
        in_use.share()
        url = f"http://{address or 'localhost'}:{port}"
        # No Event: its lock is held by this very thread now and then, and a signal's handler that
        # wanted it just then would wait for ever.
        stop: list[int] = []
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                signal.signal(number, lambda number, _: stop.append(number))
        env = _environ(port, url if address else "")
        children = _children(f"{host}:{port}", env, options["concurrency"])
        about = f"VideoShare runs at {url}/ (Ctrl-C stops it)"
        if address:
            about += f"\n\n{lan.code(url)}\n\n{_LAN_MEANS}{_others(address)}"
        try:
            self._look_after(children, port, stop, about, reload=options["reload"])
        finally:
            self._say("Stopping.")
            stop_all(children)

    def _look_after(
        self, children: list[Child], port: int, stop: list[int], about: str, *, reload: bool
    ) -> None:
        announced = False
        changes = _changes() if reload else None
        while not stop:
            for child in children:
                if news := child.tick():
                    self._say(news)
            if not announced and _answers(port):
                announced = True
                self._say(about)
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


def _lan_address(asked: str) -> str:
    """Return the address to be reached at. Raises CommandError when it is not this machine's."""
    if settings.CONFIG.secret_name:
        raise CommandError("LAN is for one machine; config.conf names a secret.")
    known = lan.addresses()
    if not known:
        raise CommandError(
            "This machine is in no network: connect it to a Wi-Fi or a cable, or leave LAN=1 away."
        )
    if asked and asked not in known:
        raise CommandError(f"{asked} is not an address of this machine. It has {', '.join(known)}.")
    return asked or known[0]


def _others(address: str) -> str:
    """Say which further addresses could be served instead, if there are any."""
    others = [each for each in lan.addresses() if each != address]
    return f"\nThis machine has other addresses too: try LAN={others[0]}." if others else ""


def _environ(port: int, lan_url: str) -> dict[str, str]:
    """Return the children's variables; for the local network, all that must fit it."""
    env = {**os.environ, "VIDEOSHARE_PORT": str(port), "PORT": str(port)}
    if not lan_url:
        return env
    # Links lead to that address, which is the only host besides loopback; strangers see none of the
    # debug pages of `make dev`; and no proxy stands between them and us.
    fitting = {"VIDEOSHARE_WEB_URL": lan_url, "VIDEOSHARE_DEBUG": "no"}
    return env | fitting | {"VIDEOSHARE_TRUSTED_PROXIES": "0"}


def _children(bind: str, env: dict[str, str], concurrency: int) -> list[Child]:
    """Return the web server and the worker, not yet started."""
    web = [sys.executable, "-m", "gunicorn", "--config", "web/gunicorn.conf.py"]
    worker = [sys.executable, "-m", "workerjob", "--concurrency", str(concurrency)]
    worker += ["--grace", "5"]  # what is not ready then is given back before the worker is killed
    return [
        Child("web server", [*web, "--bind", bind], env, grace=8),
        Child("worker", worker, env, grace=10),
    ]


def _require_free(host: str, port: int) -> None:
    """Raise CommandError if another program listens on the port, or may not be ours to take."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
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
