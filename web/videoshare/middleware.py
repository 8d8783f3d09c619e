"""Small things every response carries."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from backends import storage
from backends.instance import instance_id
from videoshare import errors

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 32 * 1024**2


def instance_header(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Name the instance that answered, so that ops can tell a fleet's machines apart."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["X-Instance-Id"] = instance_id()
        return response

    return middleware


def limit_body(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse a request whose body is larger than any that we ask for.

    Django writes a form's files to disk before a view, or a permission, is looked at. Videos travel
    in parts of 5 MiB; the largest form carries a contest's image.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
            return errors.too_large(request)
        return get_response(request)

    return middleware


class UnavailableMiddleware:
    """Answers 503 where a view could not do its work because the storage does not answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on every request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for a view that raised."""
        if not isinstance(error, storage.Unavailable):
            return None
        logger.error("%s: %s", request.path, error)
        return errors.unavailable(request)


def page_context(request: HttpRequest) -> dict[str, str]:
    """What every page's frame needs."""
    return {"instance_id": instance_id(), "web_url": settings.WEB_URL}
