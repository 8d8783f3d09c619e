"""Codes that somebody typed: found in any case, with or without hyphens, and counted."""

from datetime import datetime

from django.db.models import F, Q, QuerySet

from contests.models import Code, Contest
from contests.reasons import Refused


def plain(typed: str) -> str:
    """Return a code as it is stored: in capitals, without hyphens and blanks."""
    return "".join(each for each in typed.upper() if each.isascii() and each.isalnum())


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
