"""An HTTP server that keeps what it hears, and answers as badly as a test wants."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Heard:
    """A request."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Sink:
    """What a server heard, and what it says: `answers` by method and path, else `status`.

    While `silent` is set it takes requests and answers none.
    """

    port: int = 0
    status: int = 200
    answers: dict[str, str] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    silent: threading.Event = field(default_factory=threading.Event)


@contextmanager
def listening(tls: ssl.SSLContext | None = None) -> Iterator[Sink]:
    """Run one on this machine."""
    sink, ended = Sink(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
            sink.heard.append(Heard(self.command, self.path, dict(self.headers), body))
            while sink.silent.is_set() and not ended.wait(0.05):
                pass
            content = sink.answers.get(f"{self.command} {self.path}", "{}").encode()
            try:
                self.send_response(sink.status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                pass  # whoever asked has gone

        do_GET = do_PUT = do_POST  # noqa: N815 - http.server's own names

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            pass  # who breaks off is no error

    with Server(("127.0.0.1", 0), Handler) as server:
        sink.port = server.server_port
        if tls:
            # The handshake belongs to the request's thread.
            server.socket = tls.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield sink
        finally:
            ended.set()
            server.shutdown()
            thread.join()
