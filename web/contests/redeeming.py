"""Codes that somebody typed: found in any case, with or without hyphens, and counted."""

from datetime import datetime

from django.db.models import F, Q, QuerySet

from backends.transactions import retried
from contests.models import Code, Contest, Voter
from contests.reasons import Refused


def plain(typed: str) -> str:
    """Return a code as it is stored: in capitals, without hyphens and blanks."""
    return "".join(each for each in typed.upper() if each.isascii() and each.isalnum())


def is_alive(code: Code, now: datetime) -> bool:
    """Say whether a code is neither revoked nor out of date."""
    return code.revoked_at is None and (code.expires_at is None or now < code.expires_at)


def alive(contest: Contest, now: datetime) -> QuerySet[Code]:
    """Return the contest's codes that are neither revoked nor out of date, used up or not."""
    return contest.codes.filter(revoked_at=None).exclude(expires_at__lte=now)


def usable(contest: Contest, now: datetime) -> QuerySet[Code]:
    """Return the contest's codes that still open something."""
    return alive(contest, now).filter(Q(max_uses=None) | Q(uses__lt=F("max_uses")))


def find(contest: Contest, typed: str, now: datetime, *kinds: Code.Kind) -> Code:
    """Return the usable code of one of these kinds that somebody typed. Raises Refused."""
    found = usable(contest, now).filter(kind__in=kinds, code=plain(typed)).first()
    if found is None:
        raise Refused("code_unknown")
    return found


def use(code: Code, now: datetime) -> None:
    """Count one use in the caller's transaction. Raises Refused when there is none left."""
    if not usable(code.contest, now).filter(pk=code.pk).update(uses=F("uses") + 1):
        raise Refused("code_unknown")


@retried
def voter_of(contest: Contest, typed: str, now: datetime) -> Voter:
    """Return the voter that a typed code stands for: the same wherever it is typed. Raises Refused.

    It is made when the code is typed first.
    """
    codes = alive(contest, now).select_for_update()  # typed twice at once, or revoked right now
    code = codes.filter(kind=Code.Kind.VOTE, code=plain(typed)).first()
    if code is None:
        raise Refused("code_unknown")
    voter = Voter.objects.filter(code=code).first()
    if voter is None:
        code.uses = 1
        code.save(update_fields=["uses"])
        voter = Voter.objects.create(contest=contest, code=code, verified_at=now)
    return voter
