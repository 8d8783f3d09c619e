"""A draft is seen by its team and by whoever has its preview link."""

import pytest
from django.utils import timezone

from contests.models import Member, Role
from contests.ruling import write
from tests.factories import make_contest, make_ready_entry, make_user, owner_of

pytestmark = pytest.mark.django_db

TOKEN = "a-secret-token"


@pytest.fixture
def draft():
    """A draft with rules and a preview link, whose dates say that it is open."""
    contest = make_contest(announced_at=None, preview_token=TOKEN, name="Soon to come")
    write(contest, owner_of(contest), "Be kind.", [], seen=0)
    return contest


def paths(contest):
    return [contest.get_absolute_url(), f"{contest.get_absolute_url()}bases/"]


@pytest.mark.parametrize("query", ["", "?vista=", "?vista=wrong", "?vista=a-secret-tokeñ"])
def test_without_the_link_there_is_nothing(client, draft, query):
    assert {client.get(path + query).status_code for path in paths(draft)} == {404}
    draft.preview_token = ""
    draft.save()
    assert {client.get(path + query).status_code for path in paths(draft)} == {404}
    client.force_login(make_user())
    assert client.get(draft.get_absolute_url()).status_code == 404


def test_the_link_shows_it_and_lets_nobody_list_or_keep_it(client, draft):
    for path in paths(draft):
        answer = client.get(path, {"vista": TOKEN})
        kept = (answer["X-Robots-Tag"], answer["Cache-Control"])
        assert (answer.status_code, kept) == (200, ("noindex", "private, no-store"))
        assert '<meta name="robots" content="noindex">' in answer.text
        assert draft.name in answer.text
    page = client.get(draft.get_absolute_url(), {"vista": TOKEN}).text
    assert f'href="/concurso/{draft.url}/bases/?vista={TOKEN}"' in page
    assert "This contest is not announced yet" in page


def test_nobody_submits_or_votes_in_a_preview(client, draft):
    entry = make_ready_entry(draft)
    page = client.get(draft.get_absolute_url(), {"vista": TOKEN}).text
    assert "/participar/" not in page
    assert 'name="value"' not in page
    for path in (f"participar/?vista={TOKEN}", f"votar/{entry.pk}/?vista={TOKEN}"):
        address = draft.get_absolute_url() + path
        sent = client.post(address, {"value": "1", "title": "x"})
        assert (client.get(address).status_code, sent.status_code) == (404, 404)


def test_its_team_needs_no_link(client, draft):
    moderator = make_user()
    Member.objects.create(contest=draft, user=moderator, role=Role.MODERATOR)
    client.force_login(moderator)
    assert {client.get(path).status_code for path in paths(draft)} == {200}


def test_once_announced_the_link_is_an_address_like_any_other(client, draft):
    draft.announced_at = timezone.now()
    draft.save()
    answer = client.get(draft.get_absolute_url(), {"vista": TOKEN})
    assert "X-Robots-Tag" not in answer
    assert answer.text.count(TOKEN) == 1  # in the form that changes the language
