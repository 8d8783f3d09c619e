"""What the browser calls while it sends a file: create, sign, list, complete, abort; in JSON.

Who knows an upload's token owns it. A refusal is `{"code", "message"}`, the message a sentence in
the visitor's language; its status tells the browser what to do: 400 this file will never do,
404 begin anew, anything else try again.
"""

import json
import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    UnreadablePostError,
)
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import limits
from backends import storage, uploads, uploads_folder
from contests import drafts, entrance, reasons, submitting
from contests.models import Code, Contest, Upload
from contests.reasons import Refused
from participants import codes

logger = logging.getLogger(__name__)

_MAX_JSON_BYTES = 16 * 1024  # a file name, long in every way, and a number
_STATUS = {
    "closed_submissions": HTTPStatus.CONFLICT,
    "entrance_needed": HTTPStatus.FORBIDDEN,
    "no_space": HTTPStatus.CONFLICT,
    "too_many_requests": HTTPStatus.TOO_MANY_REQUESTS,
    "upload_incomplete": HTTPStatus.CONFLICT,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "upload_unknown": HTTPStatus.NOT_FOUND,
}


def _answers_in_json(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Turn what the view refuses into JSON."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            code = refused.code
        except storage.Unavailable as error:
            logger.error("an upload has to wait: %s", error)
            code = "unavailable"
        return _refusal(code, reasons.text(code, get_language() or "es"), _STATUS.get(code, 400))

    return never_cache(wrapped)


@require_POST
@_answers_in_json
def create(request: HttpRequest, url: str, by_team: bool = False) -> HttpResponseBase:
    """Begin an upload. In: `{"filename", "size"}`, in bytes. Out: `{"token"}`.

    `by_team`: for somebody else, by who is in the contest's team; to others there is no contest.
    """
    mine = Contest.objects.of_team(request.user.pk)
    contest = (mine if by_team else Contest.objects.announced()).filter(url=url).first()
    if contest is None:
        return _refusal("contest_unknown", _("This contest does not exist."), 404)
    try:
        filename, size = _read_request(request)
    except (ValueError, UnreadablePostError):
        return _bad_request()
    if not limits.allow(request, "team_upload" if by_team else "upload"):
        raise Refused("too_many_requests")
    now = timezone.now()
    entrance.check(contest, request.user, request.session)
    late = codes.remembered(request, contest, Code.Kind.LATE, now)
    upload = submitting.begin_upload(contest, filename, size, now, late, by_team=by_team)
    return JsonResponse({"token": upload.token}, status=201)


@require_GET
@_answers_in_json
def parts(request: HttpRequest, token: str) -> HttpResponseBase:
    """List what has arrived: `[{"PartNumber", "Size", "ETag"}]`, in S3's words."""
    arrived = submitting.list_parts(_find(token))
    rows = [{"PartNumber": part.number, "Size": part.size, "ETag": part.etag} for part in arrived]
    return JsonResponse(rows, safe=False)


@require_POST
@_answers_in_json
def sign(request: HttpRequest, token: str, number: int) -> HttpResponseBase:
    """Sign the address that takes one part. Out: `{"url", "expires"}`, in seconds."""
    address = submitting.sign_part(_find(token), number)
    return JsonResponse({"url": address, "expires": uploads.SIGNED_SECONDS})


@require_POST
@_answers_in_json
def complete(request: HttpRequest, token: str) -> HttpResponseBase:
    """Put the parts together. Out: `{}`; the same token then goes into the form."""
    submitting.complete_upload(_find(token))
    return JsonResponse({})


@require_http_methods(["GET", "PUT"])
@_answers_in_json
def draft(request: HttpRequest, token: str) -> HttpResponseBase:
    """Keep what is typed (PUT, an object of texts), or give it back with what is known of the file.

    Out: `{"fields", "complete", "filename", "size", "arrived"}`, the last two in bytes.
    """
    upload = _find(token)
    if request.method == "PUT":
        try:
            drafts.save(upload, _read_json(request, drafts.MAX_BYTES))
        except (ValueError, UnreadablePostError):
            return _bad_request()
        return HttpResponse(status=204)
    fields, parts = drafts.read(upload), submitting.list_parts(upload)
    arrived = sum(part.size for part in parts)
    known = {"filename": upload.filename, "size": upload.size, "arrived": arrived}
    complete = upload.state == Upload.State.COMPLETE
    return JsonResponse({"fields": fields, "complete": complete, **known})


@require_http_methods(["DELETE"])
@_answers_in_json
def abort(request: HttpRequest, token: str) -> HttpResponseBase:
    """Drop an upload that is not (yet) an entry."""
    submitting.discard_upload(_find(token))
    return HttpResponse(status=204)


@csrf_exempt  # the signed address itself is the permission
@require_http_methods(["PUT"])
@_answers_in_json
def receive(request: HttpRequest, signed: str) -> HttpResponseBase:
    """Take one part at a signed address and answer its ETag, as S3 does; not where S3 does it."""
    if settings.S3_BUCKET:
        raise Http404
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        etag = uploads_folder.receive_part(signed, request, length)
    except signing.SignatureExpired:
        # In S3's words: the browser then has the part signed again.
        return HttpResponse("<Message>Request has expired</Message>", status=403)
    except signing.BadSignature:
        return _refusal("bad_request", _("This address is not valid."), 403)
    except (uploads.Incomplete, UnreadablePostError, ValueError) as error:
        raise Refused("upload_incomplete") from error
    except FileNotFoundError as error:
        raise Refused("upload_unknown") from error
    return HttpResponse(headers={"ETag": etag})


def _find(token: str) -> Upload:
    upload = Upload.objects.filter(token=token).first()
    if upload is None:
        raise Refused("upload_unknown")
    return upload


def _read_json(request: HttpRequest, most: int) -> Any:
    """Return what stands in a body of so many bytes at most. Raises ValueError."""
    body = request.read(most + 1)
    if len(body) > most:
        raise ValueError
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError from error


def _read_request(request: HttpRequest) -> tuple[str, int]:
    """Return the file name and the size (bytes) from a body. Raises ValueError."""
    fields = _read_json(request, _MAX_JSON_BYTES)
    if not isinstance(fields, dict):
        raise ValueError
    filename, size = fields.get("filename"), fields.get("size")
    if not isinstance(filename, str) or type(size) is not int:
        raise ValueError
    return filename, size


def _bad_request() -> JsonResponse:
    return _refusal("bad_request", _("We did not understand that. Reload the page."), 400)


def _refusal(code: str, message: str, status: int) -> JsonResponse:
    return JsonResponse({"code": code, "message": message}, status=status)
