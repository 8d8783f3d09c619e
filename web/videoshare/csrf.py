"""Forms on pages that are merely read: without a token, so that reading sets no cookie.

With every POST a browser says whose page sent it (the header Origin; all do since 2020), and no
page of another site can make it say otherwise. Where a view is marked with `origin_is_enough`, that
word stands for Django's token. Who sends no Origin is refused with a page that sets the cookie;
pages loaded afterwards carry the token, as they do for everybody who has a cookie already.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

View = TypeVar("View", bound=Callable[..., Any])


def origin_is_enough(view: View) -> View:
    """Mark a view that takes the browser's word, instead of a token, for who sends a form."""
    view.origin_is_enough = True  # type: ignore[attr-defined]
    return view


class OriginMiddleware:
    """Stands before Django's own, which asks no more of a form that is let pass here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._django = CsrfViewMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on every request."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, callback: Callable[..., Any], args: Any, kwargs: Any
    ) -> None:
        """Let pass what our own page sent to a marked view; all else is judged as ever."""
        marked = getattr(callback, "origin_is_enough", False) and "HTTP_ORIGIN" in request.META
        if marked and self._django._origin_verified(request):  # type: ignore[attr-defined] # noqa: SLF001
            request.csrf_processing_done = True  # type: ignore[attr-defined]
