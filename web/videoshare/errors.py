"""Error pages in the frame of the site, in the visitor's language."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "error.html", {"title": title, "text": text}, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400."""
    return _page(request, 400, _("We did not understand that"), _("Go back and try again."))


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403."""
    return _page(request, 403, _("That is not allowed"), _("Go back and try again."))


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404."""
    return _page(
        request,
        404,
        _("There is nothing here"),
        _("The address may be mistyped, or what was here is gone."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return _page(
        request, 500, _("Something went wrong on our side"), _("Please try again in a few minutes.")
    )
