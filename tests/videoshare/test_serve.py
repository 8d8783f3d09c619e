"""`manage.py serve` with real processes: a real gunicorn and a real worker."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.waiting import until
from videoshare import lan
from videoshare.children import LONGEST_PAUSE, Child

ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, str(ROOT / "web/manage.py")]


class Served:
    """A running `serve`, what it printed, and its children."""

    def __init__(self, folder: Path, *options: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.output = folder / "output"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*MANAGE, "serve", "--port", str(self.port), *options],
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def printed(self, text: str) -> bool:
        return text in self.output.read_text()

    def ready(self) -> "Served":
        """Wait until both children run and the address is printed."""
        until(lambda: self.printed("Ctrl-C stops it") and self.child("workerjob"))
        return self

    def child(self, module: str) -> int:
        """Return the id of the child that runs a Python module, or 0."""
        for pid in children(self.process.pid):
            if f"-m\0{module}" in command(pid):
                return pid
        return 0


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def family(pid: int) -> list[int]:
    """Return the ids of all processes that a process started, directly or not."""
    found = children(pid)
    return found + [each for child in found for each in family(child)]


def alive(pids: list[int]) -> list[int]:
    """Return those that still run; one that waits to be reaped by its parent has ended."""
    states = {pid: Path(f"/proc/{pid}/stat") for pid in pids}
    return [
        pid
        for pid, stat in states.items()
        if stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    ]


def connects(port: int, address: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Served]]:
    """Start `serve` on an empty, migrated data folder; whatever still runs afterwards is ended."""
    monkeypatch.setenv("VIDEOSHARE_DATA", str(tmp_path / "data"))
    for name in ("migrate", "createcachetable"):
        subprocess.run([*MANAGE, name, "--verbosity", "0"], check=True)
    started: list[Served] = []
    # Under nohup, which has it ignored, `serve` would rightly ignore it too.
    inherited = signal.signal(signal.SIGHUP, signal.SIG_DFL)

    def start(*options: str) -> Served:
        started.append(Served(tmp_path, *options))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.terminate()
        each.process.wait(timeout=30)
    signal.signal(signal.SIGHUP, inherited)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_serves_until_told_to_stop_and_leaves_nothing(
    serve: Callable[..., Served], number: signal.Signals
) -> None:
    served = serve().ready()
    started = family(served.process.pid)
    assert connects(served.port)
    assert not any(connects(served.port, address) for address in lan.addresses())
    served.process.send_signal(number)
    assert served.process.wait(timeout=30) == 0
    assert alive(started) == []
    assert not connects(served.port)
    assert served.printed(f"VideoShare runs at http://localhost:{served.port}/")


@pytest.mark.slow
@pytest.mark.parametrize("name, module", [("web server", "gunicorn"), ("worker", "workerjob")])
def test_a_killed_child_is_started_again(
    serve: Callable[..., Served], name: str, module: str
) -> None:
    served = serve().ready()
    killed = served.child(module)
    os.kill(killed, signal.SIGKILL)
    until(lambda: served.child(module) not in {0, killed})
    until(lambda: connects(served.port))
    assert served.printed(f"The {name} ended unexpectedly (signal 9); starting it in 1 s.")


@pytest.mark.slow
def test_killed_itself_it_leaves_no_orphans(serve: Callable[..., Served]) -> None:
    served = serve().ready()
    started = family(served.process.pid)
    served.process.kill()
    until(lambda: not alive(started))
    assert not connects(served.port)


@pytest.mark.slow
def test_a_changed_file_restarts_the_worker_and_keeps_the_port(
    serve: Callable[..., Served],
) -> None:
    served = serve("--reload").ready()
    web, worker = served.child("gunicorn"), served.child("workerjob")
    pages = set(children(web))
    source = ROOT / "web/videoshare/wsgi.py"
    before = source.stat()
    os.utime(source)
    try:
        until(lambda: served.child("workerjob") not in {0, worker})
        until(lambda: pages.isdisjoint(alive(list(pages))) and children(web))
    finally:
        os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert served.child("gunicorn") == web
    assert served.printed("Files changed: restarting.")
    assert not served.printed("unexpectedly")


def test_a_taken_port_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = subprocess.run(
            [*MANAGE, "serve", "--port", str(port)], capture_output=True, text=True
        )
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1] == (
        f"CommandError: Port {port} can't be used (Address already in use): "
        f"stop what runs there, or choose another with PORT={port + 1}."
    )


def python(script: str, grace: float = 20) -> Child:
    return Child("script", [sys.executable, "-c", script], dict(os.environ), grace)


def test_pauses_grow_with_each_quick_death() -> None:
    child = python("raise SystemExit(3)")
    pauses = []
    for _ in range(7):
        child.due = 0
        child.tick()
        news = until(child.tick)
        assert "(exit status 3)" in news
        pauses.append(float(re.findall(r"in (\d+) s", news)[0]))
    assert pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE]


def test_a_child_that_ignores_the_signal_is_killed_with_all_it_started(tmp_path: Path) -> None:
    child = python(
        "import pathlib, signal, subprocess, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "started = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(f'{{started.pid}} ')\n"
        "signal.pause()"
    )
    child.tick()
    pid = child.process.pid if child.process else 0
    grandchild = int(
        until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
    )
    child.send(signal.SIGTERM)
    child.wait(time.monotonic())
    assert child.process is None
    until(lambda: not alive([pid, grandchild]))
