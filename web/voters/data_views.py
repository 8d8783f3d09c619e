"""A voter's own data in a contest: reading them, and being forgotten."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import limits
from contests import confirming, entrance, erasing, own_data, reasons, voting
from voters import identity, visible
from voters.forms import DataForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, url: str) -> HttpResponse:
    """Show who votes in this browser what we hold about them, and forget whose votes they are."""
    contest, now = visible.get_contest(request, url), timezone.now()
    voter = identity.known_voter(request, contest)
    if request.method == "POST" and voter:
        erasing.erase_voter(voter, now)
        identity.forget(request, contest)
        messages.success(request, _("We have forgotten who you are. Your votes stay and count."))
        return redirect(contest)
    context = {
        "contest": contest,
        "voter": voter,
        "held": own_data.of_voter(voter) if voter else None,
        "accepts_votes": contest.accepts_votes(now),
        "form": DataForm(),
    }
    response = render(request, "voters/own_data.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


@never_cache
@require_safe
def download(request: HttpRequest, url: str) -> HttpResponse:
    """Answer the same as a file."""
    contest = visible.get_contest(request, url)
    voter = identity.known_voter(request, contest)
    if voter is None:
        raise Http404
    headers = {
        "Content-Disposition": f'attachment; filename="{contest.url}.json"',
        "X-Robots-Tag": "noindex",
    }
    text = own_data.as_json(own_data.of_voter(voter))
    return HttpResponse(text, content_type="application/json", headers=headers)


@never_cache
@require_POST
def ask(request: HttpRequest, url: str) -> HttpResponse:
    """Mail who voted elsewhere the link to their data; the answer is the same for any address."""
    contest, form, status = visible.get_contest(request, url), DataForm(request.POST), 422
    sent = False
    if form.is_valid():
        email, language = form.cleaned_data["email"], get_language() or "es"
        if sent := limits.allow(request, "my_entries", key=email.lower()):
            voting.send_data_link(contest, email, language)
            status = 200
        else:
            form.add_error(None, reasons.text("too_many_requests", language))
            status = 429
    context = {"contest": contest, "form": form, "sent": sent}
    return render(request, "voters/own_data.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Ask who followed a mailed link to go on, since mail scanners follow links; then know them."""
    try:
        voter = confirming.read_data_link(token)
    except confirming.LinkExpired:
        text = _("Links are good for a day. Ask for a new one on the contest's page.")
        return _no_link(request, 410, _("This link is too old"), text)
    if voter is None:
        text = _("It may have lost its end on the way, or we have forgotten you already.")
        return _no_link(request, 404, _("This link does not work"), text)
    entrance.check(voter.contest, request.user, request.session)
    if request.method == "POST":
        identity.remember(request, voter)
        return redirect("voters:own_data", voter.contest.url)
    return render(request, "voters/data_link.html", {"contest": voter.contest})


def _no_link(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "error.html", {"title": title, "text": text}, status=status)
