"""The ranking's page."""

import re

import pytest

from contests.models import Ballot, Choice
from tests.factories import make_contest, make_ready_entry, make_voter
from voters import views

pytestmark = pytest.mark.django_db


def test_entries_stand_by_score_with_their_votes(client):
    contest = make_contest()
    quiet, disliked, liked = (make_ready_entry(contest) for _ in range(3))
    for value, entry, count in ((1, liked, 3), (-1, liked, 1), (-1, disliked, 2)):
        for _ in range(count):
            ballot = Ballot.objects.create(voter=make_voter(contest))
            Choice.objects.create(ballot=ballot, entry=entry, value=value)
    page = client.get(f"/concurso/{contest.url}/ranking/").text
    rows = re.findall(
        r'<a href="[^"]+video_id=(\d+)">.*?<b>(-?\d+)</b> <span class="meta">(.*?)</span>'
        r'.*?bar-for" width="(\d+)".*?bar-against" x="(\d+)" width="(\d+)"',
        page,
        re.S,
    )
    assert rows == [
        (str(liked.pk), "2", "3 for, 1 against", "75", "75", "25"),
        (str(quiet.pk), "0", "0 for, 0 against", "0", "0", "0"),
        (str(disliked.pk), "-2", "0 for, 2 against", "0", "0", "50"),
    ]


def test_places_go_on_over_pages(client, monkeypatch):
    monkeypatch.setattr(views, "RANKS_A_PAGE", 2)
    contest = make_contest()
    for _ in range(3):
        make_ready_entry(contest)
    pages = [client.get(f"/concurso/{contest.url}/ranking/?page={page}").text for page in (1, 2)]
    places = [re.findall(r'class="place" aria-hidden="true">(\d+)<', page) for page in pages]
    assert places == [["1", "2"], ["3"]]


def test_nothing_to_rank(client):
    contest = make_contest()
    assert "Nothing to rank yet" in client.get(f"/concurso/{contest.url}/ranking/").text


def test_an_unknown_contest(client):
    assert client.get("/concurso/nowhere/ranking/").status_code == 404


def test_the_number_of_queries_does_not_grow(client, django_assert_num_queries):
    contest = make_contest()
    for _ in range(3):
        make_ready_entry(contest)
        with django_assert_num_queries(3):
            client.get(f"/concurso/{contest.url}/ranking/")
