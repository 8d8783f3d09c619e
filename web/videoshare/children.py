"""Processes that we start, and start again when they die: those of `serve` and `rehearse`."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR).parent
LONGEST_PAUSE = 30.0  # seconds; the pause before a start doubles with every quick death
STEADY = 60.0  # seconds a process must live for its earlier deaths to be forgotten


class Child:
    """One of the processes we look after, in a session of its own.

    Its own session keeps the terminal's Ctrl-C from it: we decide who stops how. `grace` is how
    long, in seconds, it may take to stop before it is killed with all that it started.
    """

    def __init__(self, name: str, argv: list[str], env: dict[str, str], grace: float) -> None:
        self.name, self.argv, self.env, self.grace = name, argv, env, grace
        self.process: subprocess.Popen[bytes] | None = None
        self.expected = False  # do we know why it ends?
        self.deaths = 0
        self.started = 0.0
        self.due = 0.0  # on the monotonic clock

    def start(self) -> None:
        """Start the process; it gets a SIGTERM should we be killed."""
        argv = self.argv
        if setpriv := shutil.which("setpriv"):
            argv = [setpriv, "--pdeathsig", "TERM", "--", *argv]
        self.expected = False
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            argv, cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def tick(self) -> str:
        """Start the process when it is due. Return what happened, for people, or an empty text."""
        if self.process is None:
            if time.monotonic() >= self.due:
                self.start()
            return ""
        status = self.process.poll()
        if status is None:
            return ""
        _kill_group(self.process)
        self.process = None
        if self.expected:
            self.due = 0.0
            return ""
        self.deaths = 1 if time.monotonic() - self.started > STEADY else self.deaths + 1
        pause = min(2.0 ** (self.deaths - 1), LONGEST_PAUSE)
        self.due = time.monotonic() + pause
        return f"The {self.name} ended unexpectedly ({_how(status)}); starting it in {pause:.0f} s."

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process, if it runs."""
        if self.process is not None:
            self.process.send_signal(number)

    def restart(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask the process to end, or kill it; `tick` starts it again at once."""
        self.expected = True
        self.due = 0.0
        self.send(number)

    def wait(self, deadline: float) -> None:
        """Wait for the end until `deadline` (monotonic, seconds), then kill it and its children."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        _kill_group(self.process)
        self.process.wait()
        self.process = None


def stop_all(children: list[Child]) -> None:
    """Stop all at the same time, each within its grace."""
    asked = time.monotonic()
    for child in children:
        child.send(signal.SIGTERM)
    for child in children:
        child.wait(asked + child.grace)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what a process leaves behind, or the process itself; mostly there is nothing left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _how(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"
