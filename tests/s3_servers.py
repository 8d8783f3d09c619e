"""Servers in S3's place: one that fails, one that is silent, one that listens in."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlsplit


class Asked(NamedTuple):
    """A request as it came; header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]


@contextmanager
def failing() -> Iterator[str]:
    """Answers every request with S3's words for a fault of its own."""

    class Handler(_Handler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            body = b"<Error><Code>InternalError</Code><Message>We are sorry</Message></Error>"
            self.reply(500, {"Content-Type": "application/xml"}, body)

    with _serving(Handler) as address:
        yield address


@contextmanager
def silent() -> Iterator[str]:
    """Takes every request and never answers."""
    over = threading.Event()

    class Handler(_Handler):
        def answer(self) -> None:
            over.wait(60)
            self.close_connection = True

    with _serving(Handler) as address:
        try:
            yield address
        finally:
            over.set()


@contextmanager
def recording(target: str, asked: list[Asked]) -> Iterator[str]:
    """Passes every request on to `target`, and notes it."""

    class Handler(_Handler):
        def answer(self) -> None:
            headers = {name.lower(): text for name, text in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            asked.append(Asked(self.command, self.path, headers))
            onward = http.client.HTTPConnection(urlsplit(target).netloc, timeout=30)
            onward.request(self.command, self.path, body, headers)
            with onward.getresponse() as response:
                self.reply(response.status, dict(response.getheaders()), response.read())
            onward.close()

    with _serving(Handler) as address:
        yield address


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        raise NotImplementedError

    def __getattr__(self, name: str):
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        headers = {name.lower(): text for name, text in headers.items()}
        headers.setdefault("content-length", str(len(body)))
        for name in headers.keys() - {"transfer-encoding", "connection"}:
            self.send_header(name, headers[name])
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who asked has gone
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
