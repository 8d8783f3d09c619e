"""What social networks show of a contest's page."""

import re
from html import unescape

import pytest

from backends import storage
from contests.models import Rendition
from tests.factories import make_contest, make_ready_entry

pytestmark = pytest.mark.django_db
SITE = "https://videos.example.org"


@pytest.fixture(autouse=True)
def site(settings) -> None:
    settings.WEB_URL = SITE


def tags(client, url: str) -> dict[str, str]:
    page = client.get(url).text
    found = re.findall(r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)">', page)
    assert len(dict(found)) == len(found)
    return {name: unescape(content) for name, content in found}


def test_a_contest_shows_its_name_and_image(client):
    contest = make_contest(name='Sea & "sun" <2026>', description="Films\nof the sea")
    plain = {
        "og:site_name": "VideoShare",
        "og:type": "website",
        "og:title": 'Sea & "sun" <2026>',
        "og:description": "Films\nof the sea",
        "og:url": f"{SITE}/concurso/{contest.url}/",
        "twitter:card": "summary",
    }
    assert tags(client, contest.get_absolute_url()) == plain
    contest.image_key = storage.new_key(storage.CONTEST_IMAGES, ".jpg")
    contest.save()
    assert tags(client, contest.get_absolute_url()) == plain | {
        "og:image": f"{SITE}/media/{contest.image_key}",
        "og:image:alt": 'Sea & "sun" <2026>',
        "twitter:card": "summary_large_image",
    }


def test_an_opened_video_shows_its_picture_and_plays(client):
    entry = make_ready_entry(title="Waves", description="x" * 300)
    assert entry.published
    files = {each.kind: each for each in entry.published.renditions.all()}
    poster, video = files[Rendition.Kind.POSTER], files[Rendition.Kind.MP4]
    expected = {
        "og:site_name": "VideoShare",
        "og:type": "video.other",
        "og:title": "Waves",
        "og:description": "x" * 199 + "…",
        "og:url": f"{SITE}/concurso/{entry.contest.url}/?video_id={entry.pk}",
        "og:image": f"{SITE}/media/{poster.key}",
        "og:image:width": "320",
        "og:image:height": "180",
        "og:image:alt": "Waves",
        "og:video": f"{SITE}/media/{video.key}",
        "og:video:type": "video/mp4",
        "og:video:width": "320",
        "og:video:height": "180",
        "twitter:card": "summary_large_image",
    }
    assert tags(client, entry.get_absolute_url()) == expected
    shared = Rendition.objects.create(
        conversion=entry.published,
        kind=Rendition.Kind.SHARE,
        key=storage.new_key(storage.POSTERS, ".jpg"),
        codec="mjpeg",
        width=1200,
        height=630,
        size=1,
    )
    assert tags(client, entry.get_absolute_url()) == expected | {
        "og:image": f"{SITE}/media/{shared.key}",
        "og:image:width": "1200",
        "og:image:height": "630",
    }


def test_a_video_without_any_picture_is_shared_all_the_same(client):
    entry = make_ready_entry()
    assert entry.published
    entry.published.renditions.filter(kind=Rendition.Kind.POSTER).delete()
    found = tags(client, entry.get_absolute_url())
    assert [name for name in found if "image" in name] == []
    assert (found["og:type"], found["twitter:card"]) == ("video.other", "summary")
