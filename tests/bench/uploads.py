"""What many uploads at once cost the web processes in memory, on the folder backend.

`python -m tests.bench.uploads` serves a throw-away folder with gunicorn, as one machine does, and
sends 20 videos of 200 MB together. It needs 4 GB of disk.
"""

import argparse
import http.client
import json
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "web"))

from tests.bench import whole_job

BAR = 50  # MB that all processes together may grow by
_MB = 1000 * 1000
_EVERY = 0.1  # seconds between two looks at the memory


def main(argv: list[str]) -> int:
    """Measure and print; 1 when the bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.uploads", description=__doc__)
    parser.add_argument("--uploads", type=int, default=20, help="at once (default 20)")
    parser.add_argument("--megabytes", type=int, default=200, help="of each (default 200)")
    asked = parser.parse_args(argv)
    size = asked.megabytes * _MB
    with tempfile.TemporaryDirectory() as name, whole_job.service(Path(name)):
        from tests.server import gunicorn

        contest = whole_job.contest()
        with gunicorn(Path(name, "data")) as (address, pid):
            Sender(address, contest.url).send(6 * _MB)  # what every process loads once
            watch, began = Watch(pid), time.monotonic()
            with watch, ThreadPoolExecutor(asked.uploads) as pool:
                senders = [Sender(address, contest.url) for _ in range(asked.uploads)]
                list(pool.map(lambda sender: sender.send(size), senders))
            seconds = time.monotonic() - began
    grown = (watch.peak - watch.before) / _MB
    print(
        f"{asked.uploads} uploads of {asked.megabytes} MB in {seconds:.1f} s:"
        f" {watch.before / _MB:.1f} MB before, {watch.peak / _MB:.1f} MB at most"
    )
    print(f"{'met   ' if grown < BAR else 'MISSED'} grown by {grown:.1f} MB < {BAR} MB")
    return 0 if grown < BAR else 1


class Sender:
    """A browser that sends a video of zeros, as `frontend/upload/sending.js` does."""

    def __init__(self, address: str, contest: str) -> None:
        self.host = urlsplit(address).netloc
        self.contest = contest
        self.connection = http.client.HTTPConnection(self.host, timeout=120)
        cookie = self._ask("GET", f"/concurso/{contest}/participar/").headers["Set-Cookie"]
        token = cookie.split("csrftoken=")[1].split(";")[0]
        self.headers = {"Cookie": f"csrftoken={token}", "X-CSRFToken": token}

    def send(self, size: int) -> None:
        """Create, send each part to its signed address, complete."""
        from backends import uploads

        about = {"filename": "bench.avi", "size": size}
        token = self._call(f"/concurso/{self.contest}/uploads/", about)["token"]
        for part in uploads.all_parts(size):
            signed = self._call(f"/uploads/{token}/parts/{part.number}/")["url"]
            self._ask("PUT", signed, memoryview(_ZEROS)[: part.size])
        self._call(f"/uploads/{token}/complete/")

    def _call(self, path: str, body: object = None) -> dict[str, str]:
        self._ask("POST", path, json.dumps(body).encode(), self.headers)
        return dict(json.loads(self.body))

    def _ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> http.client.HTTPResponse:
        self.connection.request(method, path, body, headers or {})  # type: ignore[arg-type]
        answer = self.connection.getresponse()
        self.body = answer.read()
        if answer.status >= 300:
            raise AssertionError(f"{method} {path}: {answer.status} {self.body[:200]!r}")
        return answer


_ZEROS = bytes(5 * 1024**2)


class Watch:
    """The memory of a process and its children while the block lasts, in bytes.

    Counted is the proportional set size: what processes share is counted once.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.before = self.peak = self._now()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_EVERY):
            self.peak = max(self.peak, self._now())

    def _now(self) -> int:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return sum(_proportional(each) for each in (str(self.pid), *children))


def _proportional(pid: str) -> int:
    lines = Path("/proc", pid, "smaps_rollup").read_text().splitlines()
    [found] = [line.split()[1] for line in lines if line.startswith("Pss:")]
    return int(found) * 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
