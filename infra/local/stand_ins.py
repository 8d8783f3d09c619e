"""What no emulator has: a CloudFront before the bucket, a Splunk that writes down its events."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

# As the real distribution: what is not below one of these is nobody's to read.
_PUBLIC = ("videos_ffmpeg/", "videos_image/", "contests/")
_PASSED_ON = {  # boto3's names and HTTP's
    "CacheControl": "Cache-Control",
    "ContentLength": "Content-Length",
    "ContentRange": "Content-Range",
    "ContentType": "Content-Type",
    "ETag": "ETag",
}
_CHUNK = 1 << 16  # bytes


class _CloudFront(BaseHTTPRequestHandler):
    """Answers GET and HEAD from a bucket, parts of objects too."""

    protocol_version = "HTTP/1.1"
    bucket: str

    def do_GET(self) -> None:
        key = self.path.split("?")[0].lstrip("/")
        if not key.startswith(_PUBLIC):
            return self._refuse(403)
        wanted = {"Range": self.headers["Range"]} if "Range" in self.headers else {}
        try:
            found = boto3.client("s3").get_object(Bucket=self.bucket, Key=key, **wanted)
        except ClientError as error:
            return self._refuse(error.response["ResponseMetadata"]["HTTPStatusCode"])
        self.send_response(206 if "ContentRange" in found else 200)
        self.send_header("Accept-Ranges", "bytes")
        for name, header in _PASSED_ON.items():
            if name in found:
                self.send_header(header, str(found[name]))
        self.end_headers()
        if self.command == "GET":
            for chunk in found["Body"].iter_chunks(_CHUNK):
                self.wfile.write(chunk)
        return None

    def do_HEAD(self) -> None:
        self.do_GET()

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


class _Splunk(BaseHTTPRequestHandler):
    """Takes events as Splunk's HTTP event collector does, if they carry the token."""

    protocol_version = "HTTP/1.1"
    token: str
    file: Path

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        known = self.headers["Authorization"] == f"Splunk {self.token}"
        if known and self.path == "/services/collector/event":
            with self.file.open("a") as file:
                for event in _events(body.decode()):
                    file.write(json.dumps(event) + "\n")
        answer = b'{"text":"Success","code":0}' if known else b'{"text":"Invalid token","code":4}'
        self.send_response(200 if known else 403)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def _events(text: str) -> Iterator[object]:
    """JSON objects one after another, with or without space between them."""
    decoder = json.JSONDecoder()
    while text := text.lstrip():
        event, end = decoder.raw_decode(text)
        yield event
        text = text[end:]


@contextmanager
def cloudfront(bucket: str) -> Iterator[str]:
    """Serve a bucket's public objects; yield the address."""
    with _serving(type("CloudFront", (_CloudFront,), {"bucket": bucket})) as port:
        yield f"http://localhost:{port}"


@contextmanager
def splunk(token: str, file: Path) -> Iterator[int]:
    """Write the events that arrive into `file`, one JSON object a line; yield the port."""
    with _serving(type("Splunk", (_Splunk,), {"token": token, "file": file})) as port:
        yield port


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
