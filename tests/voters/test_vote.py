"""Casting a vote, with htmx and without JavaScript."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts import limits
from contests import voting
from contests.models import Choice, Entry, Moderation, Voter
from tests.factories import make_contest, make_entry, make_ready_entry, make_user

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def entry() -> Entry:
    return make_ready_entry(title="The sea")


@pytest.fixture
def member(client: Client) -> Client:
    client.force_login(make_user("ada@example.org"))
    return client


def address(entry: Entry) -> str:
    return f"/concurso/{entry.contest.url}/votar/{entry.pk}/"


def post(client: Client, entry: Entry, value: Any, htmx: bool = False, **data: str) -> Any:
    headers = HTMX if htmx else {}
    return client.post(address(entry), {"value": value, **data}, headers=headers)


def said(client: Client, response: Any, entry: Entry) -> list[str]:
    """Follow a redirect to the video's page and return the messages there."""
    assert (response.status_code, response["Location"]) == (302, entry.get_absolute_url())
    page = client.get(response["Location"]).text
    return re.findall(r'<p class="alert alert-\w+" role="\w+">(.*?)</p>', page)


def choices() -> list[tuple[str, int]]:
    return list(Choice.objects.values_list("ballot__voter__email", "value"))


def close(entry: Entry) -> None:
    entry.contest.voting_close = entry.contest.voting_open
    entry.contest.save()


def test_a_logged_in_person_votes_changes_and_takes_back(member, entry):
    steps = []
    for value in (1, -1, 0):
        response = post(member, entry, value)
        steps.append((said(member, response, entry), choices()))
    assert steps == [
        (["Vote saved"], [("ada@example.org", 1)]),
        (["Vote saved"], [("ada@example.org", -1)]),
        (["Vote taken back"], []),
    ]


def test_htmx_gets_a_fresh_box_and_an_announcement(member, entry):
    response = post(member, entry, 1, htmx=True)
    assert response.status_code == 200
    assert response.text.startswith(f'<div class="votes" id="votes-{entry.pk}">')
    button = r'name="value" value="(.+?)" aria-pressed="(\w+)".*?<b>(\d+)</b>'
    found = re.findall(button, response.text, re.S)
    assert found == [("0", "true", "1"), ("-1", "false", "0")]
    assert '<div id="announce" hx-swap-oob="innerHTML">Vote saved</div>' in response.text


@pytest.mark.parametrize("htmx", [False, True])
def test_outside_voting_the_page_says_so(member, entry, htmx):
    close(entry)
    response = post(member, entry, 1, htmx=htmx)
    text = "Voting is not open at this time."
    if htmx:
        assert response.status_code == 409
        assert text in response.text
        assert 'name="value"' not in response.text
    else:
        assert said(member, response, entry)[0].startswith(text)
    assert choices() == []


def test_outside_voting_nobody_is_asked_for_an_e_mail(client, entry):
    close(entry)
    response = post(client, entry, 1, email="ada@example.org")
    assert said(client, response, entry)[0].startswith("Voting is not open at this time.")
    assert Voter.objects.count() == 0


@pytest.mark.parametrize("value", ["2", "", "x", "1.0", "+1"])
def test_a_vote_is_for_against_or_none(member, entry, value):
    assert post(member, entry, value).status_code == 400
    assert choices() == []


def test_only_public_entries_of_this_contest_are_voted_for(member, entry):
    other = make_ready_entry()
    unpublished = make_entry(entry.contest)
    for pk in (other.pk, unpublished.pk, 0, 10**17, 10**30):
        response = member.post(f"/concurso/{entry.contest.url}/votar/{pk}/", {"value": 1})
        assert response.status_code == 404
    assert choices() == []


def test_opening_the_vote_s_address_leads_to_the_video(client, entry):
    response = client.get(address(entry))
    assert (response.status_code, response["Location"]) == (302, entry.get_absolute_url())


@pytest.mark.parametrize("htmx", [False, True])
def test_an_unknown_person_is_asked_for_an_e_mail(client, entry, htmx):
    response = post(client, entry, -1, htmx=htmx)
    assert response.status_code == 200
    assert '<input type="hidden" name="value" value="-1">' in response.text
    assert re.search(r'<input type="email" name="email"[^>]* required', response.text)
    assert ("<html" in response.text) is not htmx
    assert mail.outbox == []
    assert choices() == []


def test_a_person_whose_address_is_not_verified_is_asked_too(client, entry):
    client.force_login(make_user(verified=False))
    assert 'name="email"' in post(client, entry, 1).text


@pytest.mark.parametrize("email", ["", "ada", "ada@", "a" * 250 + "@example.org", "a@b.c\nBcc: x"])
def test_a_wrong_e_mail_is_explained(client, entry, email):
    response = post(client, entry, 1, htmx=True, email=email)
    assert response.status_code == 422
    assert 'class="errors"' in response.text
    assert Voter.objects.count() == 0


def test_the_link_is_mailed_without_a_word_that_users_wrote(
    client, entry, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = post(client, entry, 1, email="Ada@Example.org")
    assert said(client, response, entry)[0].startswith("Look in your mail")
    message = mail.outbox[0]
    assert message.to == ["ada@example.org"]
    everything = message.message().as_string()
    words = [entry.title, entry.contest.name, entry.first_name]
    assert [word for word in words if word in everything] == []
    assert "/votar/confirmar/" in message.body
    assert choices() == []


def test_htmx_says_look_in_your_mail_in_the_box(client, entry):
    response = post(client, entry, 1, htmx=True, email="ada@example.org")
    assert response.status_code == 200
    assert response.text.startswith(f'<div class="votes" id="votes-{entry.pk}">')
    assert '<p class="told" tabindex="-1" autofocus>Look in your mail' in response.text


def test_one_mailbox_gets_five_links_in_a_while(client):
    contest = make_contest()
    entries = [make_ready_entry(contest) for _ in range(6)]
    codes = [
        post(client, entry, 1, htmx=True, email=email).status_code
        for entry, email in zip(entries, ["ada@example.org", "ADA@example.org"] * 3, strict=True)
    ]
    assert codes == [200] * 5 + [429]
    assert "too many requests" in post(client, entries[5], 1, email="ada@example.org").text
    assert post(client, entries[5], 1, htmx=True, email="eva@example.org").status_code == 200


def test_five_hundred_voters_behind_one_address_pass(rf):
    request = rf.post("/")
    allowed = [limits.allow(request, "confirm_vote", f"{n}@example.org") for n in range(500)]
    assert allowed == [True] * 500


def test_a_flood_from_one_address_is_stopped(rf, settings):
    settings.ACCOUNT_RATE_LIMITS = {"confirm_vote": "20/h/ip,5/10m/key,20/d/key"}
    request = rf.post("/")
    allowed = [limits.allow(request, "confirm_vote", f"{n}@example.org") for n in range(25)]
    assert allowed == [True] * 20 + [False] * 5


def test_a_video_hidden_while_one_votes_is_not_there(member, entry, monkeypatch):
    def vote(*_: Any) -> None:
        Entry.objects.update(moderation=Moderation.REJECTED)

    monkeypatch.setattr(voting, "vote", vote)
    assert post(member, entry, 1, htmx=True).status_code == 404
