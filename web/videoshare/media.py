"""Published files on one machine, answering Range (RFC 9110, section 14) so that players can seek.

At most 2 MiB are answered to a Range request, which section 15.3.7 allows: a player asks for the
next piece when it wants it, so a slow or paused viewer keeps no thread of the web server waiting.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.views.decorators.http import require_safe

from backends import storage

MAX_RANGE_BYTES = 2 * 1024**2
_CHUNK = 64 * 1024
_TYPES = {".mp4": "video/mp4", ".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@require_safe
def media(request: HttpRequest, key: str) -> HttpResponseBase:
    """Answer one public object whole (200), in part (206) or not at all (404, 416)."""
    try:
        path = storage.path_of(key)
        if key.split("/", maxsplit=1)[0] not in storage.PUBLIC or not path.is_file():
            raise Http404
    except ValueError as error:
        raise Http404 from error
    size = path.stat().st_size
    found = _RANGE.fullmatch(request.headers.get("Range", ""))
    response = _part(path, size, found) if found and any(found.groups()) else _whole(path)
    response["Accept-Ranges"] = "bytes"
    response["Content-Type"] = _TYPES.get(path.suffix, "application/octet-stream")
    # A key's content never changes: what changes gets a new key.
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _whole(path: Path) -> HttpResponseBase:
    return FileResponse(path.open("rb"))


def _part(path: Path, size: int, found: re.Match[str]) -> HttpResponseBase:
    first, last = found.groups()
    if first:
        start, end = int(first), int(last) if last else size - 1
    else:  # the last n bytes
        start, end = max(0, size - int(last)), size - 1
    if start >= size or end < start:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    end = min(end, size - 1, start + MAX_RANGE_BYTES - 1)
    response = StreamingHttpResponse(_read(path, start, end - start + 1), status=206)
    response["Content-Range"] = f"bytes {start}-{end}/{size}"
    response["Content-Length"] = str(end - start + 1)
    return response


def _read(path: Path, start: int, count: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while count and (chunk := file.read(min(count, _CHUNK))):
            count -= len(chunk)
            yield chunk
