"""An HTTP server of a test's own: it keeps what it hears and says what the test wants."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Heard:
    """A request; whatever case a header's name is asked for in, it is found."""

    method: str
    path: str
    headers: Message
    body: bytes


# Status, headers, body.
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Server:
    """What a server heard, and what it says: `answers` by method and path, with `status`.

    While `silent` is set it takes requests and answers none.
    """

    port: int = 0
    status: int = 200
    answers: dict[str, str] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    silent: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """Such as `http://127.0.0.1:40123`."""
        return f"http://127.0.0.1:{self.port}"

    def answer(self, heard: Heard) -> Answer:
        """What it says to a request."""
        text = self.answers.get(f"{heard.method} {heard.path}", "{}")
        return self.status, {}, text.encode()


@contextmanager
def answering(
    answer: Callable[[Heard], Answer] | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """Run one on this machine; `answer` makes the answers in place of the server's own."""
    ended, found = threading.Event(), Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            heard = Heard(self.command, self.path, self.headers, body)
            found.heard.append(heard)
            while found.silent.is_set() and not ended.wait(0.05):
                pass
            status, headers, content = (answer or found.answer)(heard)
            self.send_response_only(status)
            for name, text in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, text)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_DELETE = do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815 - http.server's own names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Listener(ThreadingHTTPServer):
        def handle_error(self, request, client_address) -> None:
            """Whoever asked has gone, which is no error."""

    with Listener(("127.0.0.1", 0), Handler) as listener:
        found.port = listener.server_port
        if tls:
            # The handshake belongs to the request's thread.
            listener.socket = tls.wrap_socket(
                listener.socket, server_side=True, do_handshake_on_connect=False
            )
        thread = threading.Thread(target=listener.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield found
        finally:
            ended.set()
            listener.shutdown()
            thread.join()
