"""A voter's own data: reading them, taking them away, being forgotten."""

import json

import pytest
from django.core import signing
from django.utils import timezone

from contests import confirming, voting
from contests.models import Choice, Kind, Notification, Voter
from tests.factories import make_contest, make_ready_entry, make_user, make_voter
from tests.personal import over

pytestmark = pytest.mark.django_db


def confirm(client, voter: Voter, entry, value: int = 1):
    """Follow the mailed link and press its button."""
    token = signing.dumps([voter.pk, entry.pk, value], salt="confirm-vote")
    return client.post(f"/votar/confirmar/{token}/")


@pytest.fixture
def contest():
    return make_contest()


@pytest.fixture
def entry(contest):
    return make_ready_entry(contest, title="The sea")


def test_who_voted_here_reads_it_and_takes_it_away(client, contest, entry):
    confirm(client, make_voter(contest, "ada@example.org"), entry)
    page = client.get(f"{contest.get_absolute_url()}mis-datos/").content.decode()
    assert ("ada@example.org" in page, "The sea" in page) == (True, True)
    answer = client.get(f"{contest.get_absolute_url()}mis-datos/datos.json")
    data = json.loads(answer.content)
    assert (data["email"], data["code"]) == ("ada@example.org", None)
    assert [(each["title"], each["vote"]) for each in data["votes"]] == [("The sea", 1)]
    assert answer["Cache-Control"].split(", ")[-1] == "private"


def test_nobody_else_reads_anything(client, contest, entry):
    voting.vote(make_voter(contest, "ada@example.org"), entry, 1, timezone.now())
    page = client.get(f"{contest.get_absolute_url()}mis-datos/")
    assert "nobody has voted in this contest" in page.content.decode()
    assert client.get(f"{contest.get_absolute_url()}mis-datos/datos.json").status_code == 404
    client.post(f"{contest.get_absolute_url()}mis-datos/")
    assert Voter.objects.get().email == "ada@example.org"


def test_the_forgotten_are_strangers_to_this_browser_and_their_votes_count(client, contest, entry):
    voter = make_voter(contest, "ada@example.org")
    confirm(client, voter, entry)
    answer = client.post(f"{contest.get_absolute_url()}mis-datos/", follow=True)
    page = answer.content.decode()
    assert "Your votes stay and count." in page
    assert 'aria-pressed="true"' not in page
    assert (Choice.objects.count(), Voter.objects.get().email) == (1, None)


def test_neither_an_old_link_nor_a_new_one_votes_again(client, contest, entry):
    voter = make_voter(contest, "ada@example.org")
    confirm(client, voter, entry)
    client.post(f"{contest.get_absolute_url()}mis-datos/")
    assert confirm(client, voter, entry, -1).status_code == 404
    vote = f"{contest.get_absolute_url()}votar/{entry.pk}/"
    client.post(vote, {"value": "-1", "email": "ada@example.org"})
    answer = confirm(client, Voter.objects.get(email="ada@example.org"), entry, -1)
    assert answer.status_code == 409
    assert "has voted in this contest, and was erased" in answer.content.decode()
    assert [each.value for each in Choice.objects.all()] == [1]


def test_with_an_account_too(client, contest, entry):
    client.force_login(make_user("ada@example.org"))
    vote = f"{contest.get_absolute_url()}votar/{entry.pk}/"
    client.post(vote, {"value": "1"})
    client.post(f"{contest.get_absolute_url()}mis-datos/")
    answer = client.post(vote, {"value": "-1"}, headers={"HX-Request": "true"})
    assert (answer.status_code, [each.value for each in Choice.objects.all()]) == (409, [1])


def test_another_browser_does_not_know_them_any_more(client, contest, entry):
    voter = make_voter(contest, "ada@example.org")
    confirm(client, voter, entry)
    Voter.objects.update(email=None)  # as the other browser did
    page = client.get(contest.get_absolute_url()).content.decode()
    assert "you vote with the e-mail" not in page


class TestElsewhere:
    """Whoever voted in another browser gets to their data by a mailed link."""

    def ask(self, client, contest, email: str):
        return client.post(f"{contest.get_absolute_url()}mis-datos/enlace/", {"email": email})

    def link(self) -> str:
        notification = Notification.objects.get(kind=Kind.VOTER_DATA)
        return confirming.link(notification)

    def test_by_a_mailed_link(self, client, contest, entry):
        over(contest)  # when nobody can vote again to be known here
        make_voter(contest, "ada@example.org")
        self.ask(client, contest, "Ada@example.org")
        link = self.link()
        assert client.get(link).status_code == 200
        own = f"{contest.get_absolute_url()}mis-datos/"
        assert "ada@example.org" not in client.get(own).content.decode()
        assert "ada@example.org" in client.post(link, follow=True).content.decode()
        client.post(own)
        assert client.get(link).status_code == 404

    def test_nobody_learns_whether_an_address_has_voted(self, client, contest):
        make_voter(contest, "ada@example.org")
        known, other = (self.ask(client, contest, f"{n}@example.org") for n in ("ada", "bob"))
        assert known.content == other.content
        assert Notification.objects.count() == 1

    def test_a_link_forged_or_too_old_says_so(self, client, contest, monkeypatch):
        make_voter(contest, "ada@example.org")
        self.ask(client, contest, "ada@example.org")
        link = self.link()
        assert client.get("/votar/datos/x/").status_code == 404
        monkeypatch.setattr(confirming, "DATA_LINK_SECONDS", -1)
        assert client.get(link).status_code == 410

    def test_a_mailbox_is_not_flooded(self, client, contest):
        answers = [self.ask(client, contest, "ada@example.org").status_code for _ in range(4)]
        assert answers == [200, 200, 200, 429]
        assert self.ask(client, contest, "ada").status_code == 422
