"""Voting with a code from a sheet of paper: it makes the voter that an e-mail makes elsewhere."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import limits
from contests import entrance, reasons, redeeming
from contests.models import Contest, Visibility
from contests.reasons import Refused
from voters import identity, previews, shuffling
from voters.entrance import remember
from voters.forms import CodeForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest, url: str) -> HttpResponse:
    """Ask for a code; whoever has one votes by it in this browser, also in a private contest.

    A square on paper leads here with its code behind the #, which no server sees; a script fills
    it in. `?video_id=` is where somebody was about to vote.
    """
    contest = get_object_or_404(Contest.objects.announced(), url=url)
    form = CodeForm(request.POST or None)
    if form.is_valid() and _take(request, contest, form):
        text = _("Your code is good: now vote. Until voting closes you may change your votes.")
        messages.success(request, text)
        wanted = request.GET.get("video_id", "")
        opened = f"?video_id={wanted}" if wanted.isascii() and wanted.isdigit() else ""
        return redirect(contest.get_absolute_url() + opened)
    before = identity.known_voter(request, contest)
    context = {
        "contest": contest,
        "form": form,
        "preview": previews.of_contest(contest),
        "taken": identity.proof(request, before) == "code",
    }
    response = render(request, "voters/code.html", context, status=422 if form.errors else 200)
    response["X-Robots-Tag"] = "noindex"
    return response


def _take(request: HttpRequest, contest: Contest, form: CodeForm) -> bool:
    """Remember the code's voter, or leave in the form why not."""
    door = f"vote:{contest.pk}"
    try:
        if not limits.may_guess(request, door):
            raise Refused("too_many_requests")
        voter = redeeming.voter_of(contest, form.cleaned_data["code"], timezone.now())
    except Refused as refused:
        if refused.code == "code_unknown":
            limits.count_wrong(request, door)
        form.add_error("code", reasons.text(refused.code, get_language() or ""))
        return False
    if contest.visibility == Visibility.PRIVATE and voter.code:
        remember(request, contest, entrance.key_of(voter.code))
    if identity.proof(request, identity.known_voter(request, contest)):
        shuffling.forget(request, contest)
    identity.remember(request, voter)
    return True
