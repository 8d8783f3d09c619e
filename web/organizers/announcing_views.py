"""The pages on which a contest goes public: preview, announcement, result."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from contests import accepting, announcing, durations, submitting
from contests.models import Role
from organizers.views import OrganizerRequest, get_own_contest

_ODD = {
    "over": gettext_lazy("All its dates lie in the past: it would be over at once."),
    "submissions_over": gettext_lazy("Submissions closed in the past: nobody could send a video."),
    "opens_at_once": gettext_lazy("Submissions are open from the moment you announce it."),
    "nobody_gets_in": gettext_lazy("It is private and has neither a password nor an invitation."),
    "nobody_submits": gettext_lazy("Taking part needs an invitation code, and there is none."),
    "no_rules": gettext_lazy("It has no rules yet."),
    "no_contact": gettext_lazy("It does not say how people reach you."),
    "no_result_date": gettext_lazy(
        "Votes are hidden and the result has no date: you will have to publish it yourself."
    ),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def announce(request: OrganizerRequest, url: str) -> HttpResponse:
    """Show what the public will see and what is odd; let the public in."""
    contest = get_own_contest(request.user, url, Role.OWNER)
    if request.method == "POST" and announcing.announce(contest, request.user):
        messages.success(request, _("The contest is announced: everybody can see it now."))
    if request.method == "POST" or contest.announced_at:
        return redirect("organizers:contest", url)
    page = f"{settings.WEB_URL}{contest.get_absolute_url()}"
    context = {
        "contest": contest,
        "oddities": [_ODD[code] for code in announcing.oddities(contest, timezone.now())],
        "public_url": page,
        "preview_url": f"{page}?vista={contest.preview_token}" if contest.preview_token else "",
        "rules": accepting.rules_of(contest),
        "max_bytes": submitting.max_bytes(contest),
        "max_length": durations.clock(contest.max_seconds) if contest.max_seconds else "",
    }
    return render(request, "organizers/announce.html", context)


@login_required
@require_POST
def preview(request: OrganizerRequest, url: str) -> HttpResponse:
    """Make the preview link anew, or revoke it."""
    contest = get_own_contest(request.user, url, Role.OWNER)
    if request.POST.get("do") == "revoke":
        announcing.revoke_preview(contest, request.user)
        messages.success(request, _("The preview link shows nothing any more."))
    elif announcing.make_preview(contest, request.user):
        messages.success(request, _("The preview link is there. Older ones show nothing any more."))
    return redirect("organizers:announce", url)


@login_required
@require_POST
def result(request: OrganizerRequest, url: str) -> HttpResponse:
    """Publish the result now, or take it back."""
    contest, now = get_own_contest(request.user, url, Role.OWNER), timezone.now()
    if request.POST.get("do") == "take_back":
        if announcing.take_back_result(contest, request.user, now):
            messages.success(request, _("The result is not published any more."))
    elif announcing.publish_result(contest, request.user, now):
        messages.success(request, _("The result is published."))
    else:
        messages.error(request, _("The result can be published once voting is over."))
    return redirect("organizers:dates", url)
