"""Small things every response carries."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from backends.instance import instance_id


def instance_header(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Name the instance that answered, so that ops can tell a fleet's machines apart."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["X-Instance-Id"] = instance_id()
        return response

    return middleware


def page_context(request: HttpRequest) -> dict[str, str]:
    """What every page's frame needs."""
    return {"instance_id": instance_id(), "web_url": settings.WEB_URL}
