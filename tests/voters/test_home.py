"""The list of contests."""

import itertools
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.factories import make_contest, make_user
from voters import views

pytestmark = pytest.mark.django_db


def names(page: str) -> list[str]:
    return re.findall(r'class="card-title h3" dir="auto"><a href="[^"]+">([^<]+)<', page)


def days(count: int) -> datetime:
    return timezone.now() + timedelta(days=count)


def test_without_contests_the_page_invites_to_make_one(client):
    page = client.get("/").text
    assert "There is no contest yet" in page
    assert 'href="/organizador/nuevo/"' in page


@pytest.fixture
def one_of_each() -> None:
    dates = ("submissions_open", "submissions_close", "voting_open", "voting_close")
    for name, offsets in {
        "past": (-9, -7, -6, -5),
        "to come": (1, 2, 3, 4),
        "between": (-3, -2, 1, 2),
        "voting": (-3, -2, -1, 1),
        "submissions": (-2, 1, 2, 3),
    }.items():
        fields: dict[str, Any] = dict(zip(dates, map(days, offsets), strict=True))
        make_contest(name=name, **fields)


def test_open_contests_come_first_and_past_ones_last(client, one_of_each):
    expected = ["submissions", "voting", "to come", "between", "past"]
    assert names(client.get("/").text) == expected


@pytest.mark.parametrize(
    "query, expected",
    [
        ("show=submissions", ["submissions"]),
        ("show=voting", ["voting"]),
        ("show=over", ["past"]),
        ("show=over&q=past", ["past"]),
        ("show=over&q=voting", []),
        ("q=T", ["voting", "to come", "between", "past"]),
        ("q=to+come", ["to come"]),
        ("show=rubbish&q=%25", []),
    ],
)
def test_a_choice_and_a_search(client, one_of_each, query, expected):
    assert names(client.get(f"/?{query}").text) == expected


def test_the_choice_is_marked_and_kept_by_the_search_and_the_other_way_round(client, one_of_each):
    page = client.get("/?q=o%26k%22&show=over&page=7").text
    tabs = re.search(r'<nav class="tabs".*?</nav>', page, re.S)[0]
    assert re.findall(r'href="([^"]+)"( aria-current="page")?>', tabs) == [
        ("?q=o%26k%22", ""),
        ("?q=o%26k%22&amp;show=submissions", ""),
        ("?q=o%26k%22&amp;show=voting", ""),
        ("?q=o%26k%22&amp;show=over", ' aria-current="page"'),
    ]
    assert '<input type="hidden" name="show" value="over">' in page
    assert 'name="q" value="o&amp;k&quot;"' in page
    assert "0 contests for “o&amp;k&quot;”" in page
    assert '<a href="?show=over">Clear the search</a>' in page
    assert "Nothing found" in page


def test_without_contests_there_is_nothing_to_search(client):
    assert 'type="search"' not in client.get("/").text
    assert "There is no contest of this kind right now." in client.get("/?show=over").text


def test_an_unlisted_contest_is_not_listed_but_has_a_page(client):
    contest = make_contest(visibility="unlisted")
    assert names(client.get("/").text) == []
    assert client.get(contest.get_absolute_url()).status_code == 200


def test_a_card_shows_image_phase_and_next_date_in_the_contest_s_zone(client):
    close = datetime(2126, 7, 1, 18, 30, tzinfo=UTC)
    make_contest(
        image_key="contests/picture.jpg",
        submissions_close=days(-1),
        voting_open=days(-1),
        voting_close=close,
        zone="Europe/Madrid",
    )
    page = client.get("/").text
    assert '<img src="/media/contests/picture.jpg" alt=""' in page
    assert '<span class="badge badge-voting">Voting open</span>' in page
    words = re.sub(r"<[^>]+>", "", re.search(r'card-foot">(.*?)</p>', page, re.S)[1])
    assert words.strip() == "Voting closes on July 1, 2126, 8:30 p.m. (Europe/Madrid)"


def test_what_people_typed_is_shown_as_typed(client):
    make_contest(name="<b>“Ñandú” & co</b>")
    assert names(client.get("/").text) == ["&lt;b&gt;“Ñandú” &amp; co&lt;/b&gt;"]


def test_pages_of_contests(client, monkeypatch):
    monkeypatch.setattr(views, "CONTESTS_A_PAGE", 2)
    made = [make_contest().name for _ in range(5)]
    pages = [names(client.get(f"/?page={page}").text) for page in ("1", "2", "3")]
    assert sorted(itertools.chain(*pages)) == sorted(made)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert names(client.get("/?page=rubbish").text) == pages[0]
    assert names(client.get("/?page=99").text) == pages[2]
    searched = client.get("/?q=contest&page=2").text
    links = re.findall(r'rel="(prev|next)" href="([^"]+)"', searched)
    assert links == [("prev", "?q=contest&amp;page=1"), ("next", "?q=contest&amp;page=3")]


def test_the_number_of_queries_stays(client, django_assert_num_queries):
    organizer = make_user()
    for _ in range(3):
        make_contest(organizer)
        with django_assert_num_queries(2):
            client.get("/?q=contest&show=voting")
