"""Which contests a visitor may look at."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.crypto import constant_time_compare

from accounts.models import User
from contests import entrance
from contests.models import Contest


def find(
    request: HttpRequest, url: str, known: QuerySet[Contest] | None = None
) -> tuple[Contest, bool]:
    """Return a contest, among `known` ones, and whether it is but a preview of a draft.

    A draft shows itself to its team, and to who has its preview link (`?vista=`). Raises Http404,
    entrance.Shut.
    """
    contest = get_object_or_404(Contest.objects.all() if known is None else known, url=url)
    if contest.announced_at:
        entrance.check(contest, request.user, request.session)
        return contest, False
    token = request.GET.get("vista", "")
    if contest.preview_token and constant_time_compare(token, contest.preview_token):
        return contest, True
    if isinstance(request.user, User) and contest.team.filter(user=request.user).exists():
        return contest, True
    raise Http404


def get_contest(request: HttpRequest, url: str) -> Contest:
    """Return an announced contest which the visitor may enter. Raises Http404, entrance.Shut."""
    contest = get_object_or_404(Contest.objects.announced(), url=url)
    entrance.check(contest, request.user, request.session)
    return contest


def keep_private(response: HttpResponse) -> HttpResponse:
    """Let nobody list or keep the preview of a draft."""
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-store"
    return response
