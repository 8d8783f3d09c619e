"""A voter's own data in a contest: reading them, and being forgotten."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from contests import erasing, own_data
from voters import identity, visible


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
