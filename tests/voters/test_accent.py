"""A contest's own colour, on its pages and past our content security policy."""

import re

import pytest

from contests import colours
from tests.factories import make_contest, make_ready_entry

pytestmark = pytest.mark.django_db

STYLE = re.compile(r'<style nonce="([^"]+)">([^<]*)</style>')


def test_a_contests_pages_wear_its_colour(client):
    contest = make_contest(accent="#ffcc00")
    entry = make_ready_entry(contest)
    page = contest.get_absolute_url()
    paths = [page, entry.get_absolute_url(), f"{page}ranking/", f"{page}participar/"]
    worn = [STYLE.findall(client.get(path).text) for path in [*paths, entry.manage_url]]
    assert [[rules for _, rules in each] for each in worn] == [[colours.css("#ffcc00")]] * 5


def test_only_the_style_of_this_very_answer_may_work(client):
    url = make_contest(accent="#ffcc00").get_absolute_url()
    answers = [client.get(url) for _ in range(2)]
    nonces = [STYLE.search(each.text)[1] for each in answers]
    policies = [each["Content-Security-Policy"] for each in answers]
    allowed = [re.search(r"style-src ([^;]+)", each)[1] for each in policies]
    assert allowed == [f"'self' 'nonce-{each}'" for each in nonces]
    assert len(set(nonces)) == 2


@pytest.mark.parametrize("accent", ["", "red", "#fff", "#12345G", "#000}*{"])
def test_without_a_colour_no_style_works_but_ours(client, accent):
    answer = client.get(make_contest(accent=accent).get_absolute_url())
    assert STYLE.findall(answer.text) == []
    assert "style-src 'self';" in answer["Content-Security-Policy"] + ";"


def test_the_front_page_wears_ours(client):
    make_contest(accent="#ffcc00")
    assert STYLE.findall(client.get("/").text) == []
