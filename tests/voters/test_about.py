"""What a contest's page says of its settings, and the page of its rules."""

import re

import pytest

from backends import storage
from contests.models import Category
from contests.ruling import write
from tests.factories import make_contest, make_ready_entry, owner_of

pytestmark = pytest.mark.django_db


def titles(page: str) -> set[str]:
    return set(re.findall(r'class="card-title" dir="auto"><a href="[^"]+">([^<]+)<', page))


def test_its_page_shows_contact_logo_limits_and_the_way_to_the_rules(client):
    key = storage.new_key(storage.CONTEST_IMAGES, ".png")
    contest = make_contest(
        contact="hello@example.org", logo_key=key, max_entries=2, max_seconds=270, max_bytes=1024**3
    )
    page = client.get(contest.get_absolute_url()).text
    assert '<a href="mailto:hello@example.org">hello@example.org</a>' in page
    assert f'<img src="/media/{key}" alt="">' in page
    limits = re.search(r'<dl class="facts">(.*?)</dl>', page, re.S)[1]
    assert re.findall(r"<dd>(.*?)</dd>", limits) == [
        "2 at most",
        "4:30 (minutes:seconds) at most",
        "up to 1.0\xa0GB, in any usual format",
    ]
    assert "/bases/" not in page
    write(contest, owner_of(contest), "Be kind.", [], seen=0)
    assert f'href="/concurso/{contest.url}/bases/"' in client.get(contest.get_absolute_url()).text


def test_a_category_shows_its_own_videos_and_keeps_paging(client, monkeypatch):
    monkeypatch.setattr("voters.views.ENTRIES_A_PAGE", 2)
    contest = make_contest()
    ours = Category.objects.create(contest=contest, name="Under 18")
    empty = Category.objects.create(contest=contest, name="Animation")
    young = {make_ready_entry(contest, category=ours).title for _ in range(3)}
    make_ready_entry(contest)
    url = contest.get_absolute_url()
    pages = [client.get(url, {"categoria": ours.pk, "page": page}).text for page in (1, 2)]
    order = re.search(r"orden=([\d-]+)", pages[0])[1]
    second = client.get(url, {"categoria": ours.pk, "page": 2, "orden": order}).text
    assert titles(pages[0]) | titles(second) == young
    assert f"categoria={ours.pk}&amp;page=2" in pages[0]
    assert "There is none in this category." in client.get(url, {"categoria": empty.pk}).text
    theirs = Category.objects.create(contest=make_contest(), name="Theirs")
    for odd in (theirs.pk, "x", "1" * 5000):
        assert client.get(url, {"categoria": odd}).status_code == 404


def test_rules_are_read_by_version(client):
    contest = make_contest()
    url, by = f"{contest.get_absolute_url()}bases/", owner_of(contest)
    assert client.get(url).status_code == 404
    write(contest, by, "<b>First</b>", [{"text": "It is mine.", "required": True}], seen=0)
    write(contest, by, "Second", [], seen=1)
    current, first = client.get(url).text, client.get(url, {"version": 1}).text
    assert ("Second" in current, "not the current rules" in current) == (True, False)
    assert "&lt;b&gt;First&lt;/b&gt;" in first
    assert "It is mine." in first
    assert "These are not the current rules any more." in first
    for odd in ("3", "0", "-1", "x", "1" * 5000, "²"):
        assert client.get(url, {"version": odd}).status_code == 404
