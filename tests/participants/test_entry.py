"""The participant's private page."""

import html
import re

import pytest

from contests.models import Conversion, Entry, Rendition, State
from tests.factories import make_contest, make_conversion, make_entry, make_ready_entry

pytestmark = pytest.mark.django_db


def shown(answer):
    """The words of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", html.unescape(answer.content.decode())).split())


def status(client, entry, **query):
    return client.get(f"{entry.manage_url}estado/", query)


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_page(client, state):
    entry = make_entry(state=state, reason="not_media" if state == State.FAILED else "")
    headline = {
        State.QUEUED: "Your video is in the queue, at place 1.",
        State.RUNNING: "Your video is being converted.",
        State.SUCCEEDED: "Your video is ready.",
        State.FAILED: "We could not convert your video.",
        State.DEAD: "Your video is stuck, and the fault is ours.",
        State.CANCELLED: "You have withdrawn your video.",
    }[state]
    assert headline in shown(client.get(entry.manage_url))
    assert headline in shown(status(client, entry))


@pytest.mark.parametrize("state", State)
def test_the_page_asks_again_until_the_state_is_final(client, state):
    entry = make_entry(state=state)
    goes_on = state in {State.QUEUED, State.RUNNING}
    page = client.get(entry.manage_url).content.decode()
    assert (f'hx-get="{entry.manage_url}estado/"' in page) == goes_on
    assert status(client, entry).status_code == (200 if goes_on else 286)  # htmx stops at 286


def test_what_is_new_is_said_aloud_once(client):
    entry = make_entry()
    first = status(client, entry)
    seen = re.search(r'name="seen" value="([^"]+)"', first.content.decode())[1]
    assert b"hx-swap-oob" in first.content
    assert b"hx-swap-oob" not in status(client, entry, seen=seen).content
    Conversion.objects.update(state=State.RUNNING)
    assert b"hx-swap-oob" in status(client, entry, seen=seen).content


def test_a_ready_video_plays_and_leads_to_the_public_page(client):
    entry = make_ready_entry()
    mp4, poster = (
        Rendition.objects.get(kind=kind).key for kind in (Rendition.Kind.MP4, Rendition.Kind.POSTER)
    )
    page = client.get(entry.manage_url).content.decode()
    assert f'src="/media/{mp4}" poster="/media/{poster}"' in page
    assert f'href="{entry.get_absolute_url()}"' in page
    assert client.get(f"/media/{mp4}").getvalue() == b"\0mp4"


def test_a_video_published_in_part_says_so(client):
    entry = make_entry(state=State.SUCCEEDED, reason="partial")
    assert "We could not read a part of the original file" in shown(client.get(entry.manage_url))


def test_a_refused_video_says_why_in_the_visitors_language(client):
    entry = make_entry(state=State.FAILED, reason="no_video")
    assert "The file holds only sound." in shown(client.get(entry.manage_url))
    spanish = client.get(entry.manage_url, headers={"accept-language": "es"})
    assert "El archivo solo tiene sonido." in shown(spanish)


def test_another_video_may_be_submitted_while_the_contest_takes_them(client):
    contest = make_contest()
    entry = make_entry(contest, state=State.FAILED, reason="no_video")
    link = f'href="/concurso/{contest.url}/participar/"'
    assert link in client.get(entry.manage_url).content.decode()
    contest.submissions_close = contest.submissions_open
    contest.save()
    answer = client.get(entry.manage_url)
    assert link not in answer.content.decode()
    assert "Videos are taken from" in shown(answer)


def test_the_latest_conversion_counts(client):
    entry = make_entry(state=State.FAILED, reason="no_video")
    make_conversion(entry, State.RUNNING, percent=42)
    assert "42 %" in shown(client.get(entry.manage_url))


def test_a_public_video_stays_ready_while_it_is_converted_again(client):
    entry = make_ready_entry()
    for state in (State.RUNNING, State.FAILED):
        make_conversion(entry, state, reason="damaged" if state == State.FAILED else "")
        assert "Your video is ready." in shown(client.get(entry.manage_url))
        assert status(client, entry).status_code == 286


@pytest.mark.parametrize(
    "seconds,words",
    [
        (1, "less than a minute"),
        (59, "less than a minute"),
        (60, "about 1 minute"),
        (600, "about 10 minutes"),
        (5400, "about 2 hours"),
        (36_000, "about 10 hours"),
    ],
)
def test_waiting_times_in_words(client, monkeypatch, seconds, words):
    monkeypatch.setattr("contests.progress._left", lambda *_: float(seconds))
    entry = make_entry(state=State.RUNNING)
    assert f"ready in {words}" in shown(client.get(entry.manage_url))


def test_the_page_is_private(client):
    entry = make_entry()
    answer = client.get(entry.manage_url)
    assert answer["X-Robots-Tag"] == "noindex"
    # Not "no-referrer": browsers then send "Origin: null" with the page's own forms, which the
    # protection against forged requests refuses.
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]
    assert entry.email not in answer.content.decode()
    assert entry.last_name not in answer.content.decode()


def test_link_checkers_may_ask_for_the_head(client):
    assert client.head(make_entry().manage_url).status_code == 200


@pytest.mark.parametrize("token", ["unknown", "💥", "%00", "x" * 300])
def test_unknown_tokens_are_404(client, token):
    make_entry()
    assert client.get(f"/participar/{token}/").status_code == 404
    assert client.get(f"/participar/{token}/estado/").status_code == 404


def test_a_deleted_entrys_page_is_gone(client):
    entry = make_entry()
    Entry.objects.all().delete()
    assert client.get(entry.manage_url).status_code == 404
