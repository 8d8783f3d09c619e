"""A visitor tells the contest's team that something is wrong with a video."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import limits
from contests import reasons, reporting
from contests.reasons import Refused
from voters import visible
from voters.forms import ReportForm


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, url: str, entry_id: int) -> HttpResponse:
    """Show the form; send it to the team."""
    contest = visible.get_contest(request, url)
    entry = get_object_or_404(contest.entries.public(), pk=entry_id)
    form, status = ReportForm(request.POST or None), 200
    if request.method == "POST":
        refused = _send(request, form, entry)
        if refused is None:
            messages.success(request, _("Thank you: the contest's team will look at the video."))
            return redirect(entry)
        status = refused
    context = {"contest": contest, "entry": entry, "form": form}
    return render(request, "voters/report.html", context, status=status)


def _send(request: HttpRequest, form: ReportForm, entry: Any) -> int | None:
    """Send a report; or leave in the form why not, and return the answer's status."""
    if not form.is_valid():
        return 422
    try:
        # Of one video too, from whatever addresses: more would tell the team nothing new.
        if not limits.allow(request, "report", key=str(entry.pk)):
            raise Refused("too_many_requests")
        reporting.report(entry, form.cleaned_data["reason"], form.cleaned_data["text"])
    except Refused as refused:
        form.add_error(None, reasons.text(refused.code, get_language() or ""))
        return 429
    return None
