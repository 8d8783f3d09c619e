"""A participant's own data: taking them away, and having them erased."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import limits
from contests import erasing, own_data
from participants.owned import find
from videoshare.csrf import origin_is_enough


@never_cache
@origin_is_enough
@require_POST
def download(request: HttpRequest, token: str) -> HttpResponse | StreamingHttpResponse:
    """Answer all that we hold about a video and its author, as a ZIP archive."""
    entry = find(token)
    if not limits.allow(request, "own_data", key=str(entry.pk)):
        return render(request, "429.html", status=429)
    name = f'attachment; filename="videoshare-{entry.pk}.zip"'
    headers = {"Content-Disposition": name, "X-Robots-Tag": "noindex"}
    pieces = own_data.archive(entry)
    return StreamingHttpResponse(pieces, content_type="application/zip", headers=headers)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, saying what goes and what stays, and erase a video with all about its author."""
    entry, now = find(token), timezone.now()
    if entry.is_erased:
        return redirect(entry.manage_url)
    if request.method == "POST":
        erasing.erase_entry(entry, now)
        return redirect(entry.manage_url)
    context = {
        "entry": entry,
        "contest": entry.contest,
        "leaves": entry.contest.accepts_withdrawals(now),
    }
    response = render(request, "participants/erase.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response
