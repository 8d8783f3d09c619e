"""Where the worker puts what it made."""

import threading

import pytest

from contests import converting
from contests.models import Moderation, Rendition, Visibility
from tests.factories import make_contest, make_entry
from workerjob import convert
from workerjob.plan import Plan, Profile
from workerjob.publishing import publish

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "visibility, moderation, prefix",
    [
        (Visibility.PUBLIC, Moderation.APPROVED, ""),
        (Visibility.PUBLIC, Moderation.PENDING, "private/"),
        (Visibility.PRIVATE, Moderation.APPROVED, "private/"),
    ],
)
def test_what_is_not_for_everybody_is_never_where_everybody_reads(
    tmp_path, visibility, moderation, prefix
):
    entry = make_entry(make_contest(visibility=visibility), moderation=moderation)
    claim = converting.claim(entry.conversions.get().pk, "w")
    made = tmp_path / "video.mp4"
    made.write_bytes(b"\0mp4")
    video = convert.Rendition("mp4", made, "h264", 64, 36, 1.0, 4)
    done = convert.Converted(Plan((), Profile(), 64, 36), (video,), {})
    assert publish(claim, done, threading.Event())
    key = Rendition.objects.get().key
    entry.refresh_from_db()
    assert (key.startswith(f"{prefix}videos_ffmpeg/"), entry.unplaced_since) == (True, None)
