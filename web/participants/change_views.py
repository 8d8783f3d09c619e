"""Changing a submitted video: its texts and answers, its poster, its captions."""

from collections.abc import Callable
from copy import copy
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backends import storage
from contests import captions, revising
from contests.models import Entry, Rendition
from contests.reasons import Refused
from participants import texts
from participants.forms import CaptionsForm, EntryForm
from participants.owned import find, tracks


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, token: str) -> HttpResponse:
    """Show what may be changed; save the texts and answers."""
    entry = find(token)
    form = EntryForm(entry.contest, request.POST or None, instance=copy(entry))
    if request.method == "POST" and form.is_valid():
        try:
            changed = revising.revise(entry, form.about(), form.answers(), timezone.now())
            if changed:
                messages.success(request, _saved(entry))
            return redirect(entry.manage_url)
        except Refused as refused:
            form.add_error(None, texts.reason(refused.code))
    return _page(request, entry, form=form)


@require_POST
def poster(request: HttpRequest, token: str) -> HttpResponse:
    """Choose the picture that stands for the video."""
    entry, wanted = find(token), request.POST.get("number", "")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 4 else -1
    return _done(request, entry, lambda: revising.choose_poster(entry, number, timezone.now()))


@require_POST
def add_captions(request: HttpRequest, token: str) -> HttpResponse:
    """Take a file of captions, or say what is wrong with it."""
    entry = find(token)
    form = CaptionsForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"].read(captions.MAX_BYTES + 1)
        language = form.cleaned_data["language"]
        try:
            revising.add_captions(entry, language, file, timezone.now())
            messages.success(request, _saved(entry))
            return redirect("participants:change", token)
        except Refused as refused:
            form.add_error("file", texts.reason(refused.code, refused.line))
    return _page(request, entry, captions_form=form)


@require_POST
def remove_captions(request: HttpRequest, token: str, language: str) -> HttpResponse:
    """Take captions away."""
    entry = find(token)
    return _done(request, entry, lambda: revising.remove_captions(entry, language, timezone.now()))


@never_cache
@require_safe
def vtt(request: HttpRequest, token: str, language: str) -> HttpResponse:
    """Answer captions as the private page's player wants them."""
    found = get_object_or_404(find(token).captions, language=language)
    return HttpResponse(found.text, content_type="text/vtt; charset=utf-8")


@require_POST
def send_again(request: HttpRequest, token: str) -> HttpResponse:
    """Tell the organizer that what they asked for is done."""
    entry = find(token)
    if revising.send_again(entry, timezone.now()):
        messages.success(request, _("Sent: the organizer looks at your video again."))
    return redirect(entry.manage_url)


def _done(request: HttpRequest, entry: Entry, verb: Callable[[], bool]) -> HttpResponse:
    """Call a verb, and show the page again with what came of it."""
    try:
        if verb():
            messages.success(request, _saved(entry))
    except Refused as refused:
        messages.error(request, texts.reason(refused.code))
    return redirect("participants:change", entry.manage_token)


def _page(request: HttpRequest, entry: Entry, **forms: Any) -> HttpResponse:
    allowed = revising.may_revise(entry, timezone.now())
    posters = Rendition.objects.filter(conversion=entry.published_id, kind=Rendition.Kind.POSTER)
    numbered = [(each, storage.public_url(each.key)) for each in posters.order_by("number")]
    context = {
        "entry": entry,
        "contest": entry.contest,
        "form": EntryForm(entry.contest, instance=copy(entry)),
        "captions_form": CaptionsForm(),
        "allowed": allowed,
        "too_late": texts.reason("closed_changes"),
        "goes_back": revising.goes_back(entry),
        "posters": numbered if len(numbered) > 1 else [],
        "tracks": tracks(entry),
        **forms,
    }
    status = 422 if any(each.errors for each in forms.values()) else 200
    response = render(
        request, "participants/change.html", context, status=status if allowed else 409
    )
    response["X-Robots-Tag"] = "noindex"
    return response


def _saved(entry: Entry) -> str:
    if revising.goes_back(entry):
        return _("Saved. The organizer looks at your video before it is shown again.")
    return _("Saved.")
