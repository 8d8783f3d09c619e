"""Who is in a team: one use of an invitation, and always an owner."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from contests import teaming
from contests.models import Contest, Event, Member, Notification, Role, TeamInvitation
from contests.reasons import Refused
from tests.factories import make_contest, make_invitation, make_member, make_user, owner_of

pytestmark = pytest.mark.django_db


def team(contest: Contest) -> list[tuple[int, str]]:
    return list(contest.team.order_by("pk").values_list("user_id", "role"))


def events() -> list[tuple[str, dict]]:
    return list(Event.objects.order_by("pk").values_list("action", "detail"))


def refusal(verb: Callable, *args) -> str:
    with pytest.raises(Refused) as refused:
        verb(*args)
    return refused.value.code


def at_once(*calls: Callable[[], object]) -> list[str]:
    """What each call, all made at the same moment, was refused for; "" for none."""

    def told(call: Callable[[], object]) -> str:
        try:
            call()
        except Refused as refused:
            return refused.code
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(told, calls))


def test_inviting_again_mails_again_with_the_role_of_now(django_capture_on_commit_callbacks):
    contest = make_contest()
    owner = owner_of(contest)
    with django_capture_on_commit_callbacks(execute=True):
        first = teaming.invite(contest, " Ada@Example.org", Role.MODERATOR, owner, "en")
    TeamInvitation.objects.update(created_at=timezone.now() - timedelta(days=31))
    Notification.objects.update(dedup_key="a minute ago")
    with django_capture_on_commit_callbacks(execute=True):
        again = teaming.invite(contest, "ada@example.org", Role.OWNER, owner, "en")
    assert [message.to for message in mail.outbox] == [["ada@example.org"]] * 2
    assert (again.pk, again.token, again.role) == (first.pk, first.token, "owner")
    assert teaming.is_good(again, timezone.now())
    assert events() == [
        ("team_invited", {"role": "moderator"}),
        ("team_invited_again", {"role": "owner"}),
    ]


def test_who_is_in_the_team_is_not_invited():
    contest = make_contest(make_user("ada@example.org"))
    invite = (contest, "ADA@example.org", Role.OWNER, owner_of(contest), "en")
    assert refusal(teaming.invite, *invite) == "already_member"


def test_joining_uses_the_invitation_up():
    invitation, ada = make_invitation(make_contest()), make_user()
    assert teaming.join(invitation, ada).role == "moderator"
    assert refusal(teaming.join, invitation, ada) == "already_member"
    assert refusal(teaming.join, invitation, make_user()) == "invitation_gone"
    assert events() == [("team_joined", {"role": "moderator"})]


def test_who_is_in_the_team_leaves_the_invitation_to_others():
    contest = make_contest()
    invitation = make_invitation(contest)
    assert refusal(teaming.join, invitation, owner_of(contest)) == "already_member"
    teaming.join(invitation, make_user())


def test_a_revoked_invitation_is_gone_with_its_unsent_mail():
    contest = make_contest()
    owner = owner_of(contest)
    invitation = teaming.invite(contest, "ada@example.org", Role.OWNER, owner, "en")
    teaming.revoke(invitation, owner)
    teaming.revoke(invitation, owner)
    assert refusal(teaming.join, invitation, make_user()) == "invitation_gone"
    assert [action for action, _ in events()] == ["team_invited", "team_invitation_revoked"]


def test_the_last_owner_can_neither_go_nor_become_less():
    contest = make_contest()
    owner, moderator = contest.team.get(), make_member(contest)
    assert refusal(teaming.remove, owner, owner.user) == "last_owner"
    assert refusal(teaming.change_role, owner, Role.MODERATOR, owner.user) == "last_owner"
    teaming.change_role(moderator, Role.OWNER, owner.user)
    teaming.remove(owner, owner.user)
    assert team(contest) == [(moderator.user_id, "owner")]
    assert events() == [
        ("team_role_changed", {"role": "owner", "person": moderator.user_id}),
        ("team_left", {"person": owner.user_id}),
    ]


def test_a_moderator_may_be_the_last_of_theirs_to_go():
    contest = make_contest()
    owner, moderator = owner_of(contest), make_member(contest)
    teaming.remove(moderator, owner)
    assert team(contest) == [(owner.pk, "owner")]
    assert events() == [("team_removed", {"person": moderator.user_id})]


def test_a_role_that_somebody_has_changes_nothing():
    contest = make_contest()
    owner = contest.team.get()
    teaming.change_role(owner, Role.OWNER, owner.user)
    assert events() == []


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_leave_at_the_same_moment_one_stays():
    contest = make_contest()
    owners = [contest.team.get(), make_member(contest, Role.OWNER)]
    told = at_once(*(lambda each=each: teaming.remove(each, each.user) for each in owners))
    assert told == ["", "last_owner"]
    assert Member.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_people_with_one_link_one_joins():
    invitation = make_invitation(make_contest())
    people = [make_user(), make_user()]
    told = at_once(*(lambda each=each: teaming.join(invitation, each) for each in people))
    assert told == ["", "invitation_gone"]
    assert Member.objects.filter(user__in=people).count() == 1


def test_invitations_wait_for_whoever_owns_the_address():
    contest = make_contest()
    invitation = make_invitation(contest, "ada@example.org")
    make_invitation(make_contest(), "bob@example.org")
    ada = make_user("ada@example.org")
    assert teaming.invitations_of(ada) == [invitation]
    assert teaming.invitations_of(make_user(verified=False)) == []
    TeamInvitation.objects.update(created_at=timezone.now() - timedelta(days=30))
    assert teaming.invitations_of(ada) == []
