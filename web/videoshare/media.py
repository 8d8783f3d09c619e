"""Published files on one machine, answering Range (RFC 9110, section 14) so that players can seek.

At most 2 MiB are answered to a Range request, which section 15.3.7 allows: a player asks for the
next piece when it wants it, so a slow or paused viewer keeps no thread of the web server waiting.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.http import http_date
from django.views.decorators.http import condition, require_safe

from backends import storage, storage_folder

MAX_RANGE_BYTES = 2 * 1024**2
_CHUNK = 64 * 1024
_TYPES = {".mp4": "video/mp4", ".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
# One range; a request for several is answered with the whole file, as the RFC allows. No file is
# longer than its 18 digits, and a longer number would only cost time.
_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))", re.ASCII)


def _etag(_: HttpRequest, key: str) -> str:
    # A key's content never changes: what changes gets a new key.
    return f'"{key.rsplit("/", 1)[-1]}"'


@require_safe
def media(request: HttpRequest, key: str) -> HttpResponseBase:
    """Answer one public object whole (200), in part (206) or not at all (304, 404, 416)."""
    if settings.S3_BUCKET:  # they are in S3, and CloudFront answers
        raise Http404
    try:
        path = storage_folder.path_of(key)
    except ValueError as error:
        raise Http404 from error
    if not storage.is_seen(key) or not path.is_file():
        raise Http404
    private = key.startswith(storage.PRIVATE)
    if private and not storage_folder.is_signed(key, request.GET.get("signed", "")):
        raise Http404
    try:
        return _answer(request, key)
    except FileNotFoundError as error:  # deleted just now
        raise Http404 from error


@condition(etag_func=_etag)
def _answer(request: HttpRequest, key: str) -> HttpResponseBase:
    path = storage_folder.path_of(key)
    stat = path.stat()
    modified, etag = http_date(stat.st_mtime), _etag(request, key)
    found = _RANGE.fullmatch(request.headers.get("Range", ""))
    # If-Range: a part only of what the browser already holds the beginning of.
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse(headers={"Content-Length": str(stat.st_size)})
    elif found and request.headers.get("If-Range", etag) in {etag, modified}:
        response = _part(path, stat.st_size, *found.groups())
    else:
        response = FileResponse(path.open("rb"))
    response["Accept-Ranges"] = "bytes"
    response["Content-Type"] = _TYPES.get(path.suffix, "application/octet-stream")
    response["Last-Modified"] = modified
    shared = "private" if key.startswith(storage.PRIVATE) else "public"
    response["Cache-Control"] = f"{shared}, max-age=31536000, immutable"
    return response


def _part(
    path: Path, size: int, first: str | None, last: str | None, suffix: str | None
) -> HttpResponseBase:
    if suffix is None:
        start, end = int(first or 0), int(last) if last else size - 1
    else:  # the last bytes of the file
        start, end = max(0, size - int(suffix)), size - 1
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
