"""A contest's team: owners invite and change it, moderators read; anybody may leave."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import limits
from accounts.models import User
from contests import reasons, teaming
from contests.models import Contest, Role, TeamInvitation
from contests.reasons import Refused
from organizers.team_forms import InvitationForm
from organizers.views import OrganizerRequest, get_own_contest, owns


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: OrganizerRequest, url: str) -> HttpResponse:
    """Show who is in the team and who is invited; invite somebody."""
    if request.method == "POST":
        contest = get_own_contest(request.user, url, Role.OWNER)
    else:
        contest = get_own_contest(request.user, url)
    form = InvitationForm(request.POST or None, initial={"role": Role.MODERATOR})
    if form.is_valid() and _invite(request, contest, form):
        messages.success(request, _("The invitation is on its way."))
        return redirect("organizers:team", url)
    now = timezone.now()
    context = {
        "contest": contest,
        "owns": owns(request.user, contest),
        "members": contest.team.select_related("user").order_by("joined_at", "pk"),
        "invitations": [
            (each, teaming.is_good(each, now))
            for each in contest.team_invitations.order_by("created_at", "pk")
        ],
        "roles": Role.choices,
        "form": form,
    }
    return render(request, "organizers/team.html", context, status=422 if form.errors else 200)


def _invite(request: OrganizerRequest, contest: Contest, form: InvitationForm) -> bool:
    """Invite, or leave in the form why not."""
    email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
    try:
        _mail_invitation(request, contest, email, role)
    except Refused as refused:
        form.add_error("email", _text(refused))
        return False
    return True


def _mail_invitation(request: OrganizerRequest, contest: Contest, email: str, role: Role) -> None:
    if not limits.allow(request, "invite", key=email.lower()):
        raise Refused("too_many_requests")
    teaming.invite(contest, email, role, request.user, get_language() or "es")


@login_required
@require_POST
def invitation(request: OrganizerRequest, url: str, pk: int) -> HttpResponse:
    """Mail an invitation again, or take it back."""
    contest = get_own_contest(request.user, url, Role.OWNER)
    found = get_object_or_404(contest.team_invitations, pk=pk)
    try:
        if "again" in request.POST:
            _mail_invitation(request, contest, found.email, Role(found.role))
            messages.success(request, _("The invitation is on its way again."))
        else:
            teaming.revoke(found, request.user)
            messages.success(request, _("The invitation is taken back: its link leads nowhere."))
    except Refused as refused:
        messages.error(request, _text(refused))
    return redirect("organizers:team", url)


@login_required
@require_POST
def change_role(request: OrganizerRequest, url: str, pk: int) -> HttpResponse:
    """Give a member of the team another role."""
    contest = get_own_contest(request.user, url, Role.OWNER)
    member = get_object_or_404(contest.team, pk=pk)
    try:
        teaming.change_role(member, Role(request.POST.get("role", "")), request.user)
    except ValueError as error:
        raise Http404 from error
    except Refused as refused:
        messages.error(request, _text(refused))
    else:
        messages.success(request, _("The role is changed."))
    if member.user_id == request.user.pk:  # who may not be allowed to see the buttons any more
        return redirect("organizers:contest", url)
    return redirect("organizers:team", url)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: OrganizerRequest, url: str, pk: int) -> HttpResponse:
    """Ask, and take somebody out of the team: oneself, or, as an owner, anybody."""
    contest = get_own_contest(request.user, url)
    member = get_object_or_404(contest.team.select_related("user"), pk=pk)
    is_me = member.user_id == request.user.pk
    if not is_me:
        get_own_contest(request.user, url, Role.OWNER)
    if request.method != "POST":
        context = {"contest": contest, "member": member, "is_me": is_me}
        return render(request, "organizers/leave.html", context)
    try:
        teaming.remove(member, request.user)
    except Refused as refused:
        messages.error(request, _text(refused))
        return redirect("organizers:team", url)
    if is_me:
        messages.success(request, _("You have left the team."))
        return redirect("organizers:contests")
    messages.success(request, _("This person is not in the team any more."))
    return redirect("organizers:team", url)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Say into which team a mailed link leads and as what; join on POST, with an account."""
    found = TeamInvitation.objects.select_related("contest").filter(token=token).first()
    if found is None or not teaming.is_good(found, timezone.now()):
        text = reasons.text("invitation_gone", get_language() or "")
        context: dict[str, Any] = {"title": _("This invitation is over"), "text": text}
        return render(request, "error.html", context, status=404)
    known = isinstance(request.user, User)
    if known and found.contest.team.filter(user=request.user.pk).exists():
        messages.info(request, _("You are in this team already."))
        return redirect("organizers:contest", found.contest.url)
    if request.method == "POST" and known:
        return _join(request, found)
    context = {"invitation": found, "contest": found.contest, "known": known}
    response = render(request, "organizers/join.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _join(request: Any, invitation: TeamInvitation) -> HttpResponse:
    try:
        teaming.join(invitation, request.user)
    except Refused as refused:
        messages.error(request, _text(refused))
        return redirect("organizers:contests")
    messages.success(request, _("Welcome to the team!"))
    return redirect("organizers:contest", invitation.contest.url)


def _text(refused: Refused) -> str:
    return reasons.text(refused.code, get_language() or "")
