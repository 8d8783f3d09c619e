"""Error pages in the frame of the site, in the visitor's language; for htmx only the message.

Who asks for JSON gets `{"code", "message"}`.
"""

import logging
import sys
from http import HTTPStatus
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)

_PLAIN = (
    '<!doctype html><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{0}</title><h1>{0}</h1><p>{1}</p>'
)


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        code = HTTPStatus(status).name.lower()
        return JsonResponse({"code": code, "message": f"{title}. {text}"}, status=status)
    if request.headers.get("HX-Request"):
        return HttpResponse(
            format_html('<p class="alert alert-error" role="alert">{}. {}</p>', title, text),
            status=status,
        )
    return render(request, "error.html", {"title": title, "text": text}, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400."""
    return _page(request, 400, _("We did not understand that"), _("Go back and try again."))


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403."""
    return _page(request, 403, _("That is not allowed"), _("Go back and try again."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token: often a page that stood open through a log-in."""
    if request.headers.get("HX-Request"):
        return _page(request, 403, _("Please send that again"), _("Load the page again first."))
    return render(request, "403_csrf.html", status=403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404."""
    return _page(
        request,
        404,
        _("There is nothing here"),
        _("The address may be mistyped, or what was here is gone."),
    )


def too_large(request: HttpRequest) -> HttpResponse:
    """413."""
    return _page(request, 413, _("That is too big"), _("Choose a smaller file and try again."))


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: something that we need does not answer."""
    title, text = _("We cannot do that right now"), _("Please try again in a moment.")
    response = _page(request, 503, title, text)
    response["Retry-After"] = "10"  # seconds
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500; 503 when what failed is the database, which will be back. Needs none for its page."""
    title = _("Something went wrong on our side")
    text = _("Please try again in a few minutes.")
    try:
        if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
            return unavailable(request)
        return _page(request, 500, title, text)
    except Exception:
        logger.exception("the error page failed too")
        return HttpResponse(format_html(_PLAIN, title, text), status=500)
