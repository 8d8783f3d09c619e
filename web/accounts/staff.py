"""The pages of staff: who gets in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from accounts import second_step


def staff_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let staff in who have used their second step in this session; others find no such page."""

    def second(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if elsewhere := second_step.missing(request, must_have=True):
            return elsewhere
        request.session.pop(second_step.BACK, None)
        return view(request, *args, **kwargs)

    inside = secure_admin_login(second)

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:  # allauth would show the way in
            raise Http404
        try:
            answer: HttpResponse = inside(request, *args, **kwargs)
        except PermissionDenied as refused:
            raise Http404 from refused
        return answer

    return checked
