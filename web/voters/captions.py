"""A public video's captions."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from voters import visible


@require_safe
def captions(request: HttpRequest, url: str, entry_id: int, language: str) -> HttpResponse:
    """Answer the captions of a video in one language, as WebVTT."""
    contest = visible.get_contest(request, url)
    entry = get_object_or_404(contest.entries.public(), pk=entry_id)
    found = get_object_or_404(entry.captions, language=language)
    # Asked for again each time: what its author takes away is gone.
    headers = {"Cache-Control": "no-cache"}
    return HttpResponse(found.text, content_type="text/vtt; charset=utf-8", headers=headers)
