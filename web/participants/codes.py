"""Codes that open the form, remembered in the browser's session."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import limits
from contests import entrance, reasons, redeeming
from contests.models import Code, Contest
from contests.reasons import Refused
from participants.forms import CodeForm

_OPENING = (Code.Kind.SUBMIT, Code.Kind.LATE)


def get_contest(request: HttpRequest, url: str) -> Contest:
    """Return an announced contest which the visitor may enter. Raises Http404, entrance.Shut."""
    contest = get_object_or_404(Contest.objects.announced(), url=url)
    entrance.check(contest, request.user, request.session)
    return contest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, url: str) -> HttpResponse:
    """Ask for a code, and remember it. `?codigo=` fills it in, for links and printed squares."""
    contest = get_contest(request, url)
    form = CodeForm(request.POST or None, initial={"code": request.GET.get("codigo", "")[:40]})
    if request.method == "POST" and form.is_valid():
        try:
            if not limits.allow(request, "code"):
                raise Refused("too_many_requests")
            now, typed = timezone.now(), form.cleaned_data["code"]
            remember(request, redeeming.find(contest, typed, now, *_OPENING))
            return redirect("participants:submit", contest.url)
        except Refused as refused:
            form.add_error("code", reasons.text(refused.code, get_language() or "es"))
    status = 422 if form.errors else 200
    context = {"contest": contest, "form": form}
    return render(request, "participants/code.html", context, status=status)


def remember(request: HttpRequest, code: Code) -> None:
    """Let this browser in with a code."""
    request.session[_key(code.contest, code.kind)] = code.pk


def remembered(
    request: HttpRequest, contest: Contest, kind: Code.Kind, now: datetime
) -> Code | None:
    """Return this browser's code of one kind, while it can be used."""
    pk = request.session.get(_key(contest, kind))
    usable = redeeming.usable(contest, now).select_related("contest")
    return usable.filter(pk=pk, kind=kind).first() if pk else None


def _key(contest: Contest, kind: str) -> str:
    return f"code-{contest.pk}-{kind}"
