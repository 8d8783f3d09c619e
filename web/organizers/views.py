"""The organizers' pages. Everybody sees and changes their own contests only."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import limits
from accounts.models import User
from backends import storage
from contests import overview, reasons, retrying, teaming
from contests.deleting import delete_contest
from contests.models import Contest, Role
from organizers import charts

CONTESTS_PER_PAGE = 12


class OrganizerRequest(HttpRequest):
    """A request of somebody who has logged in."""

    user: User


def get_own_contest(user: User, url: str, *roles: Role) -> Contest:
    """Return a contest in whose team the person is, in one of `roles` (in any without).

    Another's is as unknown as none: Http404.
    """
    return get_object_or_404(Contest.objects.of_team(user, *roles), url=url)


def owns(user: User, contest: Contest) -> bool:
    """Say whether the person is one of the contest's owners."""
    return contest.team.filter(user=user, role=Role.OWNER).exists()


def picture_url(key: str) -> str:
    """Return where a contest's picture is read from; empty without one."""
    return storage.public_url(key) if key else ""


@login_required
@require_safe
def contests(request: OrganizerRequest) -> HttpResponse:
    """List the person's contests, newest first."""
    own = Contest.objects.of_team(request.user).order_by("-created_at", "-pk")
    page = Paginator(own, CONTESTS_PER_PAGE).get_page(request.GET.get("page"))
    overviews, now = overview.of(page), timezone.now()
    cards = [
        {
            "contest": each,
            "image_url": picture_url(each.image_key),
            "phase": each.phase(now),
            "phase_text": each.phase_text(now),
            "overview": overviews[each.pk],
            "bar": charts.bar(overviews[each.pk]),
        }
        for each in page
    ]
    context = {
        "page": page,
        "cards": cards,
        "invitations": teaming.invitations_of(request.user),
        "little_room": storage.little_room(),
    }
    return render(request, "organizers/contests.html", context)


@login_required
@require_POST
def try_again(request: OrganizerRequest, url: str, entry: int | None = None) -> HttpResponse:
    """Queue a contest's stuck videos again: one entry's, or all."""
    found = get_own_contest(request.user, url)
    stuck = overview.stuck().filter(entry__contest=found)
    if entry is not None:
        stuck = stuck.filter(entry=get_object_or_404(found.entries, pk=entry))
    if limits.allow(request, "try_again"):
        messages.success(request, retrying.try_again(stuck, request.user))
    else:
        messages.error(request, reasons.text("too_many_requests", get_language() or ""))
    if entry is None:
        return redirect("organizers:contest", url)
    return redirect("organizers:video", url, entry)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: OrganizerRequest, url: str) -> HttpResponse:
    """Ask, saying what goes, and delete a contest with everything in it."""
    found = get_own_contest(request.user, url, Role.OWNER)
    if request.method == "POST":
        delete_contest(found)
        messages.success(request, _("The contest is deleted."))
        return redirect("organizers:contests")
    context = {"contest": found, "overview": overview.of([found])[found.pk]}
    return render(request, "organizers/delete.html", context)
