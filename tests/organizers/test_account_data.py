"""The data of one's own account: taking them away, and deleting the account."""

import json

import pytest
from django.utils import timezone

from accounts.models import User
from contests import voting
from contests.models import Role, Voter
from tests.factories import (
    PASSWORD,
    make_contest,
    make_member,
    make_ready_entry,
    make_user,
    make_voter,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(client):
    """Somebody who has just typed their password once more."""
    user = make_user("ada@example.org")
    client.post("/cuenta/login/", {"login": user.email, "password": PASSWORD})
    client.post("/cuenta/reauthenticate/", {"password": PASSWORD})
    return user


def test_all_that_an_account_holds(client, user):
    entry = make_ready_entry(title="The sea")
    make_member(entry.contest, user=user)
    voting.vote(make_voter(entry.contest, user.email), entry, 1, timezone.now())
    assert "ada@example.org" in client.get("/cuenta/datos/").content.decode()
    data = json.loads(client.get("/cuenta/datos/datos.json").content)
    contest = {"name": entry.contest.name, "url": entry.contest.url}
    assert data["addresses"] == [{"email": user.email, "verified": True, "primary": True}]
    assert [(each["contest"], each["role"]) for each in data["teams"]] == [(contest, "moderator")]
    assert [each["title"] for each in data["votes"][0]["votes"]] == ["The sea"]


def test_strangers_are_asked_to_sign_in(client):
    for page in ("datos/", "datos/datos.json", "borrar/"):
        path = f"/cuenta/{page}"
        assert client.get(path).headers["Location"] == f"/cuenta/login/?next={path}"


def test_deleting_asks_first_and_then_signs_out(client, user):
    voter = make_voter(make_contest(), user.email)
    assert "This cannot be undone." in client.get("/cuenta/borrar/").content.decode()
    answer = client.post("/cuenta/borrar/", follow=True)
    assert "Your account is deleted." in answer.content.decode()
    assert answer.wsgi_request.user.is_anonymous
    assert (User.objects.filter(pk=user.pk).exists(), Voter.objects.get().email) == (False, None)
    assert voter.pk == Voter.objects.get().pk


def test_an_old_session_has_to_type_the_password_again(client):
    user = make_user()
    client.force_login(user)
    for ask in (client.get, client.post):
        assert ask("/cuenta/borrar/").headers["Location"].startswith("/cuenta/reauthenticate/")
    assert User.objects.filter(pk=user.pk).exists()


def test_the_only_owner_learns_of_which_contests(client, user):
    make_contest(user, name="By the river")
    shared = make_contest(user, name="By the sea")
    make_member(shared, Role.OWNER)
    for ask, status in ((client.get, 200), (client.post, 409)):
        answer = ask("/cuenta/borrar/")
        page = answer.content.decode()
        assert answer.status_code == status
        assert ("By the river" in page, "By the sea" in page) == (True, False)
    assert User.objects.filter(pk=user.pk).exists()
