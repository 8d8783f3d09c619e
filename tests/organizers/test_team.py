"""The team's page: owners change it, moderators read it, others do not know of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contests.models import Contest, Role, TeamInvitation
from tests.factories import make_contest, make_invitation, make_member, make_user, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def contest() -> Contest:
    return make_contest(name="Films")


@pytest.fixture
def owner(client: Client, contest: Contest) -> Client:
    client.force_login(owner_of(contest))
    return client


def address(name: str, contest: Contest, *args: int) -> str:
    return reverse(f"organizers:{name}", args=[contest.url, *args])


def said(response: Any) -> list[str]:
    return re.findall(r'<p class="alert alert-\w+" role="\w+">(.*?)</p>', response.text)


def test_an_owner_invites_and_the_link_lets_somebody_in(
    owner, contest, django_capture_on_commit_callbacks
):
    invitation = {"email": "Bob@example.org", "role": "moderator"}
    with django_capture_on_commit_callbacks(execute=True):
        page = owner.post(address("team", contest), invitation, follow=True)
    assert said(page) == ["The invitation is on its way."]
    [message] = mail.outbox
    [link] = re.findall(r"http://[^/]+(/equipo/\S+)", str(message.body))
    bob = Client(headers={"accept-language": "en"})
    stranger = bob.get(link).text
    assert "Films" in stranger
    assert "as a moderator" in stranger
    assert f"{reverse('account_signup')}?next={link}" in stranger
    bob.post(link)
    assert contest.team.count() == 1
    bob.force_login(make_user())  # the token counts, not the address
    assert said(bob.post(link, follow=True)) == ["Welcome to the team!"]
    assert contest.team.get(role=Role.MODERATOR).user_id == int(bob.session["_auth_user_id"])
    assert bob.get(link).status_code == 404


def test_what_was_typed_stays_when_it_is_refused(owner, contest):
    member = make_member(contest).user.email
    for email, text in [(member, "in the team already"), ("x", "valid email")]:
        page = owner.post(address("team", contest), {"email": email, "role": "owner"})
        assert page.status_code == 422
        form = page.context["form"]
        assert (text in form.errors["email"][0], form["email"].value()) == (True, email)
    assert TeamInvitation.objects.count() == 0


def test_one_address_is_not_mailed_for_ever(owner, contest):
    for _ in range(5):
        owner.post(address("team", contest), {"email": "ada@example.org", "role": "owner"})
    page = owner.post(address("team", contest), {"email": "ADA@example.org", "role": "owner"})
    assert "too many requests" in page.context["form"].errors["email"][0]


def test_a_link_too_old_or_taken_back_says_so(owner, contest):
    invitation = make_invitation(contest)
    link = invitation.get_absolute_url()
    TeamInvitation.objects.update(created_at=timezone.now() - timedelta(days=30))
    stranger = Client(headers={"accept-language": "en"})
    assert stranger.get(link).status_code == 404
    page = owner.post(address("invitation", contest, invitation.pk), {"again": "1"}, follow=True)
    assert said(page) == ["The invitation is on its way again."]
    assert stranger.get(link).status_code == 200
    owner.post(address("invitation", contest, invitation.pk))
    gone = stranger.get(link)
    assert (gone.status_code, "no longer good" in gone.text) == (404, True)


def test_who_is_in_the_team_already_is_led_to_the_contest(owner, contest):
    link = make_invitation(contest).get_absolute_url()
    assert owner.get(link)["Location"] == address("contest", contest)
    assert TeamInvitation.objects.count() == 1


def test_an_owner_changes_roles_and_removes(owner, contest):
    member = make_member(contest)
    owner.post(address("role", contest, member.pk), {"role": "owner"})
    member.refresh_from_db()
    assert member.role == "owner"
    assert owner.post(address("role", contest, member.pk), {"role": "king"}).status_code == 404
    assert member.user.email in owner.get(address("leave", contest, member.pk)).text
    owner.post(address("leave", contest, member.pk))
    assert contest.team.count() == 1
    me = contest.team.get()
    page = owner.post(address("leave", contest, me.pk), follow=True)
    assert said(page)[1:] == ["A contest always has an owner. Make somebody else one first."]


def test_a_moderator_reads_and_leaves_and_no_more(client, contest):
    moderator, other = make_member(contest), make_member(contest)
    invitation = make_invitation(contest)
    client.force_login(moderator.user)
    page = client.get(address("team", contest)).text
    assert (other.user.email in page, "Invite somebody" in page) == (True, False)
    refused = [
        client.post(address("team", contest), {"email": "a@example.org", "role": "owner"}),
        client.post(address("role", contest, moderator.pk), {"role": "owner"}),
        client.post(address("invitation", contest, invitation.pk)),
        client.get(address("leave", contest, other.pk)),
        client.post(address("leave", contest, other.pk)),
    ]
    assert [each.status_code for each in refused] == [404] * 5
    assert (contest.team.count(), contest.team_invitations.count()) == (3, 1)
    assert said(client.post(address("leave", contest, moderator.pk), follow=True)) == [
        "You have left the team."
    ]


def test_others_know_of_no_team(client, contest):
    mine = make_contest()
    client.force_login(owner_of(mine))
    member, invitation = contest.team.get(), make_invitation(contest)
    paths = [
        address("team", contest),
        *(address("leave", each, member.pk) for each in (contest, mine)),
    ]
    assert [client.get(path).status_code for path in paths] == [404] * 3
    posts = [
        *(address("role", each, member.pk) for each in (contest, mine)),
        *(address("invitation", each, invitation.pk) for each in (contest, mine)),
    ]
    assert [client.post(path, {"role": "owner"}).status_code for path in posts] == [404] * 4


def test_my_contests_tell_of_an_invitation(client, contest):
    make_invitation(contest, "ada@example.org")
    client.force_login(make_user("ada@example.org"))
    page = client.get(reverse("organizers:contests")).text
    assert "You are invited into the team of “Films”." in page
