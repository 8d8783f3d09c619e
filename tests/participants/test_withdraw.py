"""Withdrawing a video on its private page."""

import html
import re

import pytest
from django.test import Client
from django.utils import timezone

from contests.models import Entry, State
from contests.withdrawing import withdraw
from tests.factories import make_contest, make_entry, make_ready_entry

pytestmark = pytest.mark.django_db


def words(answer) -> str:
    """The words of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", html.unescape(answer.content.decode())).split())


def link(entry: Entry) -> str:
    return f"{entry.manage_url}retirar/"


def close_voting(entry: Entry) -> None:
    entry.contest.voting_close = entry.contest.submissions_close = timezone.now()
    entry.contest.save()


@pytest.mark.parametrize("state", set(State) - {State.CANCELLED})
def test_the_private_page_offers_it_in_every_state(client, state):
    entry = make_entry(state=state)
    assert client.get(entry.manage_url).content.decode().count(f'href="{link(entry)}"') == 1


def test_asking_says_what_goes_and_changes_nothing(client):
    entry = make_ready_entry(title="The sea & <me")
    answer = client.get(link(entry))
    assert "Withdraw “The sea &amp; &lt;me”?" in answer.content.decode()
    assert "This cannot be undone." in words(answer)
    assert "You can submit another video until" in words(answer)
    assert answer["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer["Cache-Control"]
    assert Entry.objects.get().withdrawn_at is None


def test_once_withdrawn_the_page_says_so_and_another_may_be_submitted(client):
    entry = make_ready_entry()
    answer = client.post(link(entry), follow=True)
    assert answer.redirect_chain == [(entry.manage_url, 302)]
    assert "You have withdrawn your video." in words(answer)
    page = answer.content.decode()
    assert f'href="/concurso/{entry.contest.url}/participar/"' in page
    assert "<video" not in page
    assert link(entry) not in page
    assert client.get(f"{entry.manage_url}estado/").status_code == 286  # nothing more to ask


def test_asking_again_or_a_form_sent_twice_leads_to_the_page(client):
    entry = make_entry()
    for ask in (client.post, client.post, client.get):
        assert ask(link(entry)).headers["Location"] == entry.manage_url


def test_it_is_gone_for_voters(client):
    entry = make_ready_entry()
    video = entry.published.renditions.get(kind="mp4")
    client.post(link(entry))
    unknown = client.get(f"{entry.contest.get_absolute_url()}?video_id={entry.pk + 1}")
    answer = client.get(entry.get_absolute_url())
    assert (answer.status_code, words(answer)) == (404, words(unknown))
    assert client.get(f"/media/{video.key}").status_code == 404
    assert client.post(f"/concurso/{entry.contest.url}/votar/{entry.pk}/").status_code == 404


def test_the_form_that_made_it_leads_to_its_page(client):
    entry = make_entry()
    withdraw(entry, timezone.now())
    submission = {"upload": entry.upload.token, "title": "Again"}
    answer = client.post(f"/concurso/{entry.contest.url}/participar/", submission)
    assert answer.headers["Location"] == entry.manage_url
    assert Entry.objects.count() == 1


def test_when_submissions_are_closed_it_warns(client):
    contest = make_contest()
    contest.submissions_close = contest.submissions_open
    contest.save()
    assert "you cannot submit another video" in words(client.get(link(make_entry(contest))))


def test_once_voting_is_over_it_is_refused(client):
    entry = make_ready_entry()
    close_voting(entry)
    assert link(entry) not in client.get(entry.manage_url).content.decode()
    for ask in (client.get, client.post):
        answer = ask(link(entry))
        assert answer.status_code == 409
        assert "Voting is over and its result does not change any more" in words(answer)
    assert Entry.objects.get().withdrawn_at is None


def test_forged_requests_and_unknown_tokens_withdraw_nothing(client):
    entry = make_entry()
    assert Client(enforce_csrf_checks=True).post(link(entry)).status_code == 403
    assert client.post("/participar/unknown/retirar/").status_code == 404
    assert Entry.objects.get().withdrawn_at is None
