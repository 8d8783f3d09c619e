"""The service under attack, and what must be true of it afterwards, whatever happened."""

import contextlib
import email
import json
import os
import signal
import subprocess
import sys
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.policy import default
from pathlib import Path
from typing import Any

import boto3
from django.conf import settings

from backends import queue, storage
from backends.queue import Depth
from contests.models import Contest, Conversion, Notification, Rendition, State, Upload
from contests.submitting import submit_file
from tests import media
from tests.distributed.conftest import System
from tests.factories import make_contest
from tests.processes import heeds, naming, running, stands_still
from tests.waiting import until
from videoshare.config import ROOT

LEASE, HEARTBEAT = 6, 2  # seconds
_SLOW = "-preset placebo -refs 4 -threads 1"  # leaves time to disturb
# What a participant is told; of a dead conversion nothing, since somebody will bring it back.
_RECEIVED, _READY = "We have your video", "Your video is ready"
_REFUSED = "We could not convert your video"
_MAILS = {State.SUCCEEDED: [_RECEIVED, _READY], State.FAILED: [_RECEIVED, _REFUSED]}
_FILES = {"mp4": 1, "poster": 3, "share": 1}

Process = subprocess.Popen[bytes]


@dataclass
class World:
    """A service with a database, a queue, a storage and mail of its own; no worker yet.

    `system` is what it depends on, each part behind a proxy, where that runs on AWS; None on one
    machine.
    """

    environ: dict[str, str]
    system: System | None = None
    contest: Contest = field(default_factory=make_contest)
    _started: list[Process] = field(default_factory=list)

    def start(self, *faults: str, options: str = "", slow: bool = False, **environ: str) -> Process:
        """Start a worker that meets with `faults` (see worker.py)."""
        own = {"VIDEOSHARE_FFMPEG_ARGS": _SLOW} if slow else {}
        return self._run([], "worker", *faults, "--", *options.split(), **own | environ)

    def start_on_disk(self, size: str) -> Process:
        """Start a worker whose work folder is a disk of its own, of such a size as "300k"."""
        settings.WORK_ROOT.mkdir(exist_ok=True)
        mount = f'mount -t tmpfs -o size={size} tmpfs "$0" && exec "$@"'
        within = ["unshare", "-Urm", "sh", "-c", mount, str(settings.WORK_ROOT)]
        return self._run(within, "worker", "--")

    def start_sweeper(self, *faults: str) -> Process:
        """Start a process that sweeps without a pause."""
        return self._run([], "sweeper", *faults)

    def _run(self, within: list[str], module: str, *words: str, **environ: str) -> Process:
        line = [*within, sys.executable, "-m", f"tests.faults.{module}", *words]
        process = subprocess.Popen(
            line, cwd=ROOT, env=self.environ | environ, start_new_session=True
        )
        self._started.append(process)
        return process

    def submit(self, clip: str = "wmv2") -> Conversion:
        """Submit a clip of tests/media.py for somebody new."""
        return self.submit_path(media.clip(clip))

    def submit_path(self, path: Path) -> Conversion:
        """Submit a file for somebody new."""
        address = f"{uuid.uuid4().hex}@example.org"
        about = {"title": "T", "first_name": "A", "email": address}
        return submit_file(self.contest, path, language="en", **about).conversions.get()

    def wait_for_ffmpeg(self, worker: Process) -> None:
        """Wait until a worker encodes, in its finished box."""
        until(lambda: self.found(worker, "**/video.mp4"), 60)

    def found(self, worker: Process, pattern: str = "") -> list[Path]:
        """Return what lies in a worker's work folder; without a pattern the folder itself."""
        return list(Path(settings.WORK_ROOT).glob(f"{worker.pid}-*/{pattern}"))

    def freeze_ffmpeg(self, worker: Process) -> int:
        """Wait until a slow worker's ffmpeg runs, make it hang and return its id."""
        [pid] = until(lambda: list(running("ffmpeg", worker.pid)), 60)
        os.kill(pid, signal.SIGSTOP)
        return pid

    def wait_for_freeze(self, worker: Process) -> None:
        """Wait until a worker's fault has frozen it."""
        until(lambda: stands_still(worker.pid), 60)

    def reread(self, conversion: Conversion) -> Conversion:
        """Return a conversion as it is now."""
        return Conversion.objects.get(pk=conversion.pk)

    def tries(self, conversion: Conversion) -> tuple[int, int]:
        """Return how often a conversion was begun, and how often it failed by our own fault."""
        row = self.reread(conversion)
        return row.attempt, row.failures

    def settle(self, seconds: float = 60) -> None:
        """Wait until nothing is to be done: no conversion, no message, no mail."""
        unfinished = Conversion.objects.filter(state__in=(State.QUEUED, State.RUNNING))
        until(lambda: not unfinished.exists(), seconds)
        until(lambda: not queue.depth().pending, seconds)
        until(lambda: not Notification.objects.filter(sent_at=None).exists(), seconds)

    def stop(self) -> None:
        """Tell all workers to stop, and wait; those that were killed are gone already."""
        living = [process for process in self._started if process.poll() is None]
        for process in living:
            _tell_to_stop(process)
        for process in living:
            assert process.wait(60) == 0

    def kill(self) -> None:
        """End whatever a failed test left running."""
        for process in self._started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def check(
        self, ended: dict[Conversion, State], *, dead_letters: int = 0, mailed_twice: int = 0
    ) -> None:
        """Settle, stop all workers and check what must always be true.

        Every conversion has ended as `ended` says; what is ready, and nothing else, is published,
        whole and once; each mail went out once, but for `mailed_twice` of them; the queue is empty
        and holds that many dead letters; no worker has left a file or a process.
        """
        self.settle()
        self.stop()
        found = {row: State(row.state) for row in Conversion.objects.all()}
        assert found == ended
        for row, state in found.items():
            if row.superseded_at is None:
                _check_publication(row, ready=state == State.SUCCEEDED)
        wanted = Counter(
            {
                (row.entry.email, subject): 1
                for row, state in found.items()
                for subject in _MAILS.get(state, [_RECEIVED])
            }
        )
        sent = Counter({mail: count for mail, count in self.mails().items() if mail in wanted})
        assert (sent - wanted).total() == mailed_twice
        assert wanted - sent == Counter()
        assert queue.depth() == Depth(visible=0, in_flight=0, delayed=0, dead=dead_letters)
        if _left_at_work() and any(process.returncode for process in self._started):
            assert self.start(options="--burst").wait(60) == 0  # the next worker clears up
        assert _left_at_work() == []
        assert naming(str(settings.WORK_ROOT)) == []

    def check_stored(self) -> None:
        """Check that what the rows name is stored, in one version, and nothing else is.

        That is so unless a worker was killed while it stored something.
        """
        stored = Counter(_in_bucket() if self.system else _in_folder())
        named = Counter(Upload.objects.values_list("key", flat=True))
        named.update(Rendition.objects.values_list("key", flat=True))
        assert stored == named, (stored - named, named - stored)

    def mails(self) -> Counter[tuple[str, str]]:
        """Count what the mail server took, by address and subject."""
        return Counter(_accepted_by_ses() if self.system else _written())


def _tell_to_stop(process: Process) -> None:
    """Send a SIGTERM to a worker, which would just die of it as long as it only begins."""
    until(lambda: process.poll() is not None or heeds(process.pid, signal.SIGTERM))
    process.terminate()


def _check_publication(row: Conversion, *, ready: bool) -> None:
    files = list(row.renditions.all())
    assert Counter(file.kind for file in files) == (_FILES if ready else {})
    assert row.entry.published_id == (row.pk if ready else None)
    assert [storage.size(file.key) for file in files] == [file.size for file in files]


def _left_at_work() -> list[Path]:
    return [path for path in Path(settings.WORK_ROOT).rglob("*") if path.is_file()]


def _in_folder() -> list[str]:
    root = Path(settings.MEDIA_ROOT)
    return [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]


def _in_bucket() -> list[str]:
    versions = boto3.resource("s3").Bucket(settings.S3_BUCKET).object_versions.all()
    return [version.object_key for version in versions]


def _written() -> Iterator[tuple[str, str]]:
    for path in Path(settings.MAIL_ROOT).glob("*.eml"):
        mail = email.message_from_bytes(path.read_bytes(), policy=default)
        yield str(mail["To"]), str(mail["Subject"])


def _accepted_by_ses() -> Iterator[tuple[str, str]]:
    url = f"{os.environ['AWS_ENDPOINT_URL']}/_ministack/ses/messages"
    with urllib.request.urlopen(url, timeout=5) as answer:
        accounts: dict[str, list[dict[str, Any]]] = json.load(answer)["messages"]
    for mails in accounts.values():
        for mail in mails:
            yield mail["To"][0], mail["Subject"]
