"""Codes that a team gives away: made, and revoked. redeeming.py takes them."""

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from backends.transactions import retried
from contests import auditing, redeeming
from contests.models import Choice, Code, Contest, Voter
from contests.reasons import Refused

# Without what looks alike: 0 O, 1 I L.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 10  # of 31 signs: 8e14 codes; `guess` in the settings' rate limits tells what that holds
MOST_AT_ONCE = 1_000
_MOST = 10_000  # of a contest, so that a guess stays hopeless and the list readable


class Standing(TextChoices):
    """Whether a code still opens something; if not, why."""

    GOOD = "good", _("Good")
    USED_UP = "used", _("Used up")
    OVER = "over", _("Out of date")
    REVOKED = "revoked", _("Revoked")


def standing(code: Code, now: datetime) -> Standing:
    """Return how a code stands."""
    if code.revoked_at:
        return Standing.REVOKED
    if not redeeming.is_alive(code, now):
        return Standing.OVER
    return Standing.USED_UP if code.max_uses and code.uses >= code.max_uses else Standing.GOOD


def standing_so(contest: Contest, wanted: Standing, now: datetime) -> QuerySet[Code]:
    """Return the contest's codes that stand so."""
    if wanted == Standing.REVOKED:
        return contest.codes.filter(revoked_at__isnull=False)
    if wanted == Standing.OVER:
        return contest.codes.filter(revoked_at=None, expires_at__lte=now)
    if wanted == Standing.USED_UP:
        return redeeming.alive(contest, now).filter(uses__gte=F("max_uses"))
    return redeeming.usable(contest, now)


def shown(code: str) -> str:
    """Return a code as people read and type it: in two halves."""
    half = len(code) // 2
    return f"{code[:half]}-{code[half:]}"


@retried
def make(contest: Contest, kind: Code.Kind, number: int, by: User, **about: Any) -> list[Code]:
    """Make so many codes of a kind; `about`: label, max_uses, expires_at. Raises Refused.

    A code to vote with is one person's, however often they type it: `max_uses` is for the others.
    """
    if contest.codes.count() + number > _MOST:
        raise Refused("too_many_codes")
    if kind == Code.Kind.VOTE:
        about["max_uses"] = None
    new = [Code(contest=contest, kind=kind, code=_new(), **about) for _ in range(number)]
    auditing.record(contest, "codes_made", user=by, kind=kind, codes=number)
    return Code.objects.bulk_create(new)


def _new() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))


def votes_of(codes: QuerySet[Code]) -> int:
    """Count the votes that were cast with some codes."""
    return Choice.objects.filter(ballot__voter__code__in=codes).count()


@retried
def revoke(contest: Contest, ids: Collection[int], by: User, now: datetime) -> int:
    """Revoke codes; return how many. Votes cast with one go with it, until the result stands.

    A lost sheet is in somebody else's hands: what they voted is not the voter's.
    """
    # Locked, so that nobody becomes a voter by one of them meanwhile.
    codes = contest.codes.select_for_update().filter(pk__in=ids, revoked_at=None)
    found = [code.pk for code in codes]
    if not found:
        return 0
    Code.objects.filter(pk__in=found).update(revoked_at=now)
    if now < contest.voting_close:
        voters = Voter.objects.select_for_update().filter(code__in=found)
        Voter.objects.filter(pk__in=[voter.pk for voter in voters]).delete()
    auditing.record(contest, "codes_revoked", user=by, codes=len(found))
    return len(found)
