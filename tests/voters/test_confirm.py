"""The mailed link: looking changes nothing, confirming casts the vote and is remembered."""

import re

import pytest
from django.core import mail
from django.test import Client

from contests import confirming
from contests.models import Choice, Entry, Voter
from contests.voting import vote
from tests.factories import make_contest, make_ready_entry, make_user, make_voter

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> Entry:
    return make_ready_entry(title="The sea")


@pytest.fixture
def link(client, entry, django_capture_on_commit_callbacks) -> str:
    """A link in the mail of a person who voted for the entry."""
    return mailed(client, entry, 1, django_capture_on_commit_callbacks)


def mailed(client: Client, entry: Entry, value: int, capture) -> str:
    with capture(execute=True):
        address = f"/concurso/{entry.contest.url}/votar/{entry.pk}/"
        client.post(address, {"value": value, "email": "ada@example.org"})
    return re.search(r"/votar/confirmar/\S+/", str(mail.outbox[-1].body))[0]


def choices() -> list[tuple[str, int, int]]:
    return list(Choice.objects.values_list("ballot__voter__email", "entry_id", "value"))


def close(entry: Entry) -> None:
    entry.contest.voting_close = entry.contest.voting_open
    entry.contest.save()


def test_following_the_link_only_says_what_it_would_do(client, link):
    for _ in range(2):
        page = client.get(link)
        assert page.status_code == 200
        assert "You vote <strong>for</strong> “The sea”." in page.text
    assert client.head(link).status_code == 200
    assert choices() == []
    assert Voter.objects.get().verified_at is None


def test_confirming_casts_the_vote_and_leads_to_the_video(client, link, entry):
    response = client.post(link, follow=True)
    assert response.redirect_chain == [(entry.get_absolute_url(), 302)]
    assert "Vote saved" in response.text
    assert choices() == [("ada@example.org", entry.pk, 1)]


def test_the_link_works_on_another_device(link, entry):
    Client().post(link)
    assert choices() == [("ada@example.org", entry.pk, 1)]


def test_a_link_followed_twice_is_one_vote(client, link, entry):
    for _ in range(2):
        assert client.post(link).status_code == 302
    assert choices() == [("ada@example.org", entry.pk, 1)]


def test_confirming_needs_the_page_s_own_form(link):
    assert Client(enforce_csrf_checks=True).post(link).status_code == 403
    assert choices() == []


def test_the_browser_remembers_the_voter_in_this_contest_only(client, link, entry):
    client.post(link)
    second, elsewhere = make_ready_entry(entry.contest), make_ready_entry()
    client.post(f"/concurso/{entry.contest.url}/votar/{second.pk}/", {"value": -1})
    asked = client.post(f"/concurso/{elsewhere.contest.url}/votar/{elsewhere.pk}/", {"value": 1})
    assert 'name="email"' in asked.text
    assert choices() == [("ada@example.org", entry.pk, 1), ("ada@example.org", second.pk, -1)]


def test_the_session_gets_a_new_key(client, link):
    client.get(link)
    client.session.save()
    before = client.session.session_key
    client.cookies["sessionid"] = before
    client.post(link)
    assert client.session.session_key != before


def test_the_next_person_at_the_browser_is_somebody_else(client, link, entry):
    client.post(link)
    page = client.get(entry.get_absolute_url()).text
    forget = re.search(r'class="voter-note" method="post" action="([^"]+)"', page)[1]
    assert client.get(forget).status_code == 405
    assert client.post(forget, follow=True).status_code == 200
    address = f"/concurso/{entry.contest.url}/votar/{entry.pk}/"
    assert 'name="email"' in client.post(address, {"value": -1}).text
    assert choices() == [("ada@example.org", entry.pk, 1)]


def test_a_logged_in_person_goes_before_whom_the_browser_remembers(client, link, entry):
    client.post(link)
    client.force_login(make_user("eva@example.org"))
    client.post(f"/concurso/{entry.contest.url}/votar/{entry.pk}/", {"value": -1})
    expected = [("ada@example.org", entry.pk, 1), ("eva@example.org", entry.pk, -1)]
    assert sorted(choices()) == expected


def test_taking_a_vote_back_by_mail(client, entry, django_capture_on_commit_callbacks):
    voter = make_voter(entry.contest, "ada@example.org")
    vote(voter, entry, 1, entry.contest.voting_open)
    link = mailed(client, entry, 0, django_capture_on_commit_callbacks)
    assert "You take back your vote on “The sea”." in client.get(link).text
    assert "Vote taken back" in client.post(link, follow=True).text
    assert choices() == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_comes_too_late_says_so(client, link, entry, method):
    close(entry)
    response = getattr(client, method)(link)
    assert response.status_code == 410
    assert "Your vote was not cast" in response.text
    assert "Voting is not open at this time." in response.text
    assert choices() == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_is_too_old_says_so(client, link, method, monkeypatch):
    monkeypatch.setattr(confirming, "LINK_SECONDS", -1)
    response = getattr(client, method)(link)
    assert response.status_code == 410
    assert "This link is too old" in response.text
    assert choices() == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_changed_link_does_not_work(client, link, method):
    for changed in ("/votar/confirmar/x/", link.replace(":", "_"), link[:-3] + "/"):
        response = getattr(client, method)(changed)
        assert response.status_code == 404
        assert "This link does not work" in response.text
    assert choices() == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_vote_for_a_video_that_is_gone_does_not_count(client, link, entry, method):
    Entry.objects.update(published=None)
    response = getattr(client, method)(link)
    assert response.status_code == 404
    assert "the video is no longer in the contest" in response.text
    assert choices() == []


def test_the_link_s_page_is_kept_by_nobody(client, link):
    assert "no-store" in client.get(link)["Cache-Control"]


def test_forgetting_nobody_is_no_error(client):
    assert client.post(f"/concurso/{make_contest().url}/votar/otra-persona/").status_code == 302
