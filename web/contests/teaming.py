"""Who is in a contest's team: inviting, joining, changing roles, leaving. It keeps an owner."""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from backends.transactions import retried
from contests import auditing, notifying
from contests.models import Contest, Kind, Member, Role, TeamInvitation
from contests.reasons import Refused

INVITATION_DAYS = 30


@retried
def invite(contest: Contest, email: str, role: Role, by: User, language: str) -> TeamInvitation:
    """Mail somebody a link by which they can join; once more when they are invited already.

    Raises Refused when they are in the team.
    """
    email = email.strip().lower()
    if contest.team.filter(user__email=email).exists():
        raise Refused("already_member")
    # The time is written again: a link that is mailed anew is good for as long as a new one.
    changes = {"role": role, "invited_by": by, "created_at": Now()}
    invitation, made = TeamInvitation.objects.update_or_create(
        contest=contest, email=email, defaults=changes
    )
    notifying.notify(
        Kind.TEAM_INVITATION, _mail_key(invitation), invitation=invitation, language=language
    )
    action = "team_invited" if made else "team_invited_again"
    auditing.record(contest, action, user=by, role=role)
    return invitation


def _mail_key(invitation: TeamInvitation) -> str:
    """One mail a minute: a button pressed twice sends one."""
    invitation.refresh_from_db(fields=["created_at"])
    return f"team:{invitation.pk}:{invitation.created_at:%Y%m%d%H%M}"


@retried
def revoke(invitation: TeamInvitation, by: User) -> None:
    """Take an invitation back: its link leads nowhere any more."""
    if TeamInvitation.objects.filter(pk=invitation.pk).delete()[0]:
        auditing.record(invitation.contest, "team_invitation_revoked", user=by)


def is_good(invitation: TeamInvitation, now: datetime) -> bool:
    """Say whether an invitation may still be followed."""
    return now < invitation.created_at + timedelta(days=INVITATION_DAYS)


def invitations_of(user: User) -> list[TeamInvitation]:
    """Return the good invitations that were mailed to a person's own addresses, oldest first.

    Who makes an account to follow one finds it there, wherever its link was opened.
    """
    since = timezone.now() - timedelta(days=INVITATION_DAYS)
    mine = EmailAddress.objects.filter(user=user, verified=True).values("email")
    found = TeamInvitation.objects.filter(email__in=mine, created_at__gt=since)
    return list(found.select_related("contest").order_by("created_at"))


@retried
def join(invitation: TeamInvitation, user: User) -> Member:
    """Let the person who followed an invitation into the team; it is good once.

    Raises Refused when it is gone or they are in the team already.
    """
    contest = invitation.contest
    _lock(contest)
    if contest.team.filter(user=user).exists():
        raise Refused("already_member")
    known = TeamInvitation.objects.filter(pk=invitation.pk).first()
    if known is None:
        raise Refused("invitation_gone")
    known.delete()
    auditing.record(contest, "team_joined", user=user, role=known.role)
    return Member.objects.create(contest=contest, user=user, role=known.role)


@retried
def change_role(member: Member, role: Role, by: User) -> None:
    """Let a member do more, or less. Raises Refused for the last owner."""
    _lock(member.contest)
    if role != Role.OWNER:
        _keep_an_owner(member)
    row = Member.objects.filter(pk=member.pk).exclude(role=role)
    if row.update(role=role):
        person = member.user_id
        auditing.record(member.contest, "team_role_changed", user=by, role=role, person=person)


@retried
def remove(member: Member, by: User) -> None:
    """Take a member out, as they may do themselves. Raises Refused for the last owner."""
    _lock(member.contest)
    _keep_an_owner(member)
    if Member.objects.filter(pk=member.pk).delete()[0]:
        left = member.user_id == by.pk
        action = "team_left" if left else "team_removed"
        auditing.record(member.contest, action, user=by, person=member.user_id)


def _lock(contest: Contest) -> None:
    """Let what changes a team happen one after another: two owners may go at the same moment."""
    Contest.objects.select_for_update().get(pk=contest.pk)


def _keep_an_owner(member: Member) -> None:
    if not member.contest.team.filter(role=Role.OWNER).exclude(pk=member.pk).exists():
        raise Refused("last_owner")
