"""The language somebody chose: kept in the session, because a cookie of its own is one too many.

Who has chosen none reads what the browser asks for, or Spanish (Django's LocaleMiddleware).
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from videoshare.csrf import origin_is_enough

_KEY = "language"  # in the session


def chosen_language(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Speak the language of the session; must come right after LocaleMiddleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        language = request.session.get(_KEY)
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = language
        response = get_response(request)
        if language and _KEY not in request.session:  # logged out, which empties the session
            request.session[_KEY] = language
        return response

    return middleware


@origin_is_enough
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep a language, on POST, and go back to the page on which it was chosen."""
    language, back = request.POST.get("language"), request.POST.get("next")
    if language in dict(settings.LANGUAGES):
        request.session[_KEY] = language
    ours = {request.get_host()}
    if not url_has_allowed_host_and_scheme(back, ours, require_https=request.is_secure()):
        back = "/"
    return HttpResponseRedirect(back or "/")
