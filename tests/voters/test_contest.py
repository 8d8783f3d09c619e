"""A contest's public page."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contests.models import Rendition, State
from contests.voting import vote
from tests.factories import (
    make_contest,
    make_entry,
    make_ready_entry,
    make_user,
    make_voter,
)

pytestmark = pytest.mark.django_db


def titles(page: str) -> list[str]:
    return re.findall(r'class="card-title" dir="auto"><a href="[^"]+">([^<]+)<', page)


def get(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return response.text


def test_an_unknown_contest_is_not_found(client):
    assert "There is nothing here" in get(client, "/concurso/nowhere/", 404)


def test_an_open_contest_without_videos_invites_to_send_one(client):
    contest = make_contest(description="Line one\n<b>two</b>")
    page = get(client, contest.get_absolute_url())
    assert "Line one\n&lt;b&gt;two&lt;/b&gt;" in page
    assert f'href="/concurso/{contest.url}/participar/"' in page
    assert "No video yet" in page


def test_an_empty_list_says_what_to_wait_for(client):
    now, day = timezone.now(), timedelta(days=1)
    soon = make_contest(submissions_open=now + day, submissions_close=now + 2 * day)
    over = make_contest(submissions_open=now - 2 * day, submissions_close=now - day)
    busy = make_entry().contest
    said = [
        re.findall(r'<p class="lede">(.+)</p>', get(client, each.get_absolute_url()))
        for each in (make_contest(), soon, over, busy)
    ]
    assert said == [
        ["Be the first: any format will do."],
        ["Come back when submissions open."],
        ["Submissions are closed, and there is nothing to watch."],
        ["The first ones are being converted: come back in a moment."],
    ]


def test_a_contest_that_takes_no_videos_does_not_ask_for_them(client):
    contest = make_contest()
    contest.submissions_close = contest.submissions_open
    contest.save()
    assert "/participar/" not in get(client, contest.get_absolute_url())


def test_an_entry_shows_its_public_part_only(client):
    contest = make_contest()
    entry = make_ready_entry(
        contest, title="<i>Sea</i>", first_name="Ada", last_name="Lovelace", email="ada@example.org"
    )
    poster = entry.published.renditions.get(kind=Rendition.Kind.POSTER)
    for url in (
        contest.get_absolute_url(),
        entry.get_absolute_url(),
        f"{contest.get_absolute_url()}ranking/",
    ):
        page = get(client, url)
        assert "&lt;i&gt;Sea&lt;/i&gt;" in page
        assert "by Ada" in page
        secrets = ("Lovelace", "ada@example.org", entry.manage_token, entry.upload.key, "holidays")
        assert [secret for secret in secrets if secret in page] == []
    assert f'src="/media/{poster.key}"' in get(client, contest.get_absolute_url())


def test_ten_entries_a_page(client):
    contest = make_contest()
    made = {make_ready_entry(contest).title for _ in range(12)}
    url = contest.get_absolute_url()
    first = get(client, url)
    second = get(
        client, url + re.search(r'rel="next" href="(.+?)"', first)[1].replace("&amp;", "&")
    )
    assert [len(titles(first)), len(titles(second))] == [10, 2]
    assert {*titles(first), *titles(second)} == made
    assert len(titles(get(client, f"{url}?page=99"))) == 2
    for odd in ("0", "-1", "x", "1e9", "²", ""):
        assert client.get(url, {"page": odd}).status_code == 200


def test_what_is_not_public_is_at_most_counted(client):
    contest = make_contest()
    for state in (State.QUEUED, State.RUNNING, State.FAILED, State.DEAD, State.CANCELLED):
        make_entry(contest, state=state)
    page = get(client, contest.get_absolute_url())
    assert titles(page) == []
    assert "2 videos are being converted" in page


def test_a_published_entry_that_is_converted_again_is_not_counted(client):
    entry = make_ready_entry()
    entry.conversions.update(state=State.QUEUED)
    assert "being converted" not in get(client, entry.contest.get_absolute_url())


def test_a_video_opens_above_the_list(client):
    entry = make_ready_entry(description="How we made it")
    video = entry.published.renditions.get(kind=Rendition.Kind.MP4)
    page = get(client, entry.get_absolute_url())
    attributes = re.search(r"<video ([^>]*)>", page)[1]
    assert attributes.startswith(
        f'controls preload="metadata" playsinline src="/media/{video.key}"'
    )
    assert f'<h1 id="player-title" dir="auto">{entry.title}</h1>' in page
    assert "How we made it" in page
    assert page.count(f'id="votes-{entry.pk}"') == 1


def test_a_video_without_a_poster_is_shown_all_the_same(client):
    entry = make_ready_entry()
    entry.published.renditions.filter(kind=Rendition.Kind.POSTER).delete()
    assert titles(get(client, entry.get_absolute_url())) == [entry.title]


@pytest.mark.parametrize("odd", ["0", "-1", "x", "²", "1e3", "9" * 18, "9" * 5000, "1\0", "١"])
def test_a_video_that_is_not_there_leaves_the_others(client, odd):
    contest = make_contest()
    entry = make_ready_entry(contest)
    response = client.get(contest.get_absolute_url(), {"video_id": odd})
    assert response.status_code == 404
    assert "That video is not here" in response.text
    assert titles(response.text) == [entry.title]


def test_an_unpublished_video_or_one_of_another_contest_does_not_open(client):
    contest = make_contest()
    for entry in (make_entry(contest), make_ready_entry()):
        page = get(client, f"{contest.get_absolute_url()}?video_id={entry.pk}", 404)
        assert "<video" not in page


def test_the_votes_and_one_s_own_choice_are_shown(client):
    entry = make_ready_entry()
    user = make_user("ada@example.org")
    now = entry.contest.voting_open
    vote(make_voter(entry.contest, "ada@example.org"), entry, -1, now)
    vote(make_voter(entry.contest), entry, 1, now)
    client.force_login(user)
    page = get(client, entry.contest.get_absolute_url())
    button = r'name="value" value="(.+?)" aria-pressed="(\w+)".*?<b>(\d+)</b>'
    buttons = re.findall(button, page, re.S)
    assert buttons == [("1", "false", "1"), ("0", "true", "1")]


def test_outside_voting_there_are_counts_and_no_buttons(client):
    entry = make_ready_entry()
    vote(make_voter(entry.contest), entry, 1, entry.contest.voting_open)
    entry.contest.voting_close = entry.contest.voting_open
    entry.contest.save()
    page = get(client, entry.get_absolute_url())
    assert 'name="value"' not in page
    assert re.findall(r"<b>(\d+)</b>", page) == ["1", "0"]
