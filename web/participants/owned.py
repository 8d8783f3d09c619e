"""What belongs to the private page's owner: whoever knows its address."""

from django.shortcuts import get_object_or_404
from django.urls import reverse

from contests import languages
from contests.models import Entry


def find(token: str) -> Entry:
    """Return the entry that a private link names. Raises Http404."""
    known = Entry.objects.select_related("contest", "published", "upload")
    return get_object_or_404(known, manage_token=token)


def tracks(entry: Entry) -> list[languages.Track]:
    """Return an entry's captions, read from its private page."""
    token = entry.manage_token
    return languages.tracks(entry, lambda code: reverse("participants:vtt", args=[token, code]))
