"""The door of a private contest: who has not been let in is led here from all of its pages."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from accounts import limits
from contests import entrance, reasons
from contests.entrance import Key, Shut
from contests.models import Contest
from contests.reasons import Refused
from voters import previews
from voters.forms import KeyForm

_LONGEST = 1000  # characters of a page's address


class EntranceMiddleware:
    """Leads to the door whoever a view did not let into a private contest."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on every request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for a view that raised Shut; what was only read is come back to."""
        if not isinstance(error, Shut):
            return None
        door = reverse("voters:enter", args=[error.contest.url])
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponseClientRedirect(door)
        if request.method in {"GET", "HEAD"}:
            door += "?" + urlencode({"next": request.get_full_path()})
        return redirect(door)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, url: str) -> HttpResponse:
    """Ask for the password or a code, telling no more than the contest's name."""
    contest = get_object_or_404(Contest.objects.announced(), url=url)
    form = KeyForm(request.POST or None)
    try:
        entrance.check(contest, request.user, request.session)
    except Shut:
        if not (form.is_valid() and _unlock(request, contest, form)):
            return _door(request, contest, form)
    return HttpResponseRedirect(_wanted(request, contest))


def _unlock(request: HttpRequest, contest: Contest, form: KeyForm) -> bool:
    """Let the visitor in, or leave in the form why not."""
    door = f"enter:{contest.pk}"
    try:
        if not limits.may_guess(request, door):
            raise Refused("too_many_requests")
        key = entrance.unlock(contest, form.cleaned_data["key"], timezone.now())
    except Refused as refused:
        if refused.code == "entrance_unknown":
            limits.count_wrong(request, door)
        form.add_error("key", reasons.text(refused.code, get_language() or ""))
        return False
    remember(request, contest, key)
    return True


def remember(request: HttpRequest, contest: Contest, key: Key) -> None:
    """Let this browser in from now on."""
    # A new session key, so that nobody who planted the old one in this browser comes along.
    request.session.cycle_key()
    keys = request.session.get(entrance.KEYS, {})
    request.session[entrance.KEYS] = keys | {str(contest.pk): key}


def _door(request: HttpRequest, contest: Contest, form: KeyForm) -> HttpResponse:
    context = {"contest": contest, "form": form, "preview": previews.of_contest(contest)}
    status = 422 if form.errors else 200
    response = render(request, "voters/enter.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response


def _wanted(request: HttpRequest, contest: Contest) -> str:
    """Where the visitor wanted to go: to one of our pages."""
    wanted = request.GET.get("next", "")
    # Without allowed hosts, no other site's address passes.
    ours = wanted.startswith("/") and len(wanted) <= _LONGEST
    if ours and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return contest.get_absolute_url()
