"""Who gets into a private contest: its team, and who has its password or a code that opens it.

What somebody has shown stays in their browser's session as a key, which is good only while that
very password or code is: changing or revoking it shuts out all who came in by it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import check_password
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User
from backends.transactions import retried
from contests import redeeming
from contests.models import Code, Contest, Visibility
from contests.reasons import Refused

KEYS = "entrances"  # in the session: {contest id: key}
# Who was given a code of any kind is invited.
OPENING = tuple(Code.Kind)

Key = list[Any]  # ["password", what tells it from others] or ["code", its id]


class Shut(Refused):
    """A private contest, and a visitor who has not been let in."""

    def __init__(self, contest: Contest) -> None:
        super().__init__("entrance_needed")
        self.contest = contest


def check(contest: Contest, user: Any, session: Mapping[str, Any]) -> None:
    """Let a visitor pass into any contest but a private one that is shut to them. Raises Shut."""
    if contest.visibility == Visibility.PRIVATE and not _admits(contest, user, session):
        raise Shut(contest)


def _admits(contest: Contest, user: Any, session: Mapping[str, Any]) -> bool:
    kind, value = session.get(KEYS, {}).get(str(contest.pk), ("", ""))
    if kind == "password" and contest.password:
        if constant_time_compare(value, _fingerprint(contest)):
            return True
    elif kind == "code":
        alive = redeeming.alive(contest, timezone.now())
        if alive.filter(pk=value, kind__in=OPENING).exists():
            return True
    return isinstance(user, User) and contest.team.filter(user=user).exists()


def unlock(contest: Contest, typed: str, now: datetime) -> Key:
    """Return the key that a password or a code is worth; counts a use of the code. Raises Refused.

    A code is looked for first: it costs one query, a password a third of a second.
    """
    try:
        code = redeeming.find(contest, typed, now, *OPENING)
    except Refused as refused:
        if contest.password and check_password(typed, contest.password):
            return ["password", _fingerprint(contest)]
        raise Refused("entrance_unknown") from refused
    retried(redeeming.use)(code, now)
    return key_of(code)


def key_of(code: Code) -> Key:
    """Return the key that a code is worth to who has shown it."""
    return ["code", code.pk]


def _fingerprint(contest: Contest) -> str:
    """What changes with the password, and tells nothing of it."""
    return salted_hmac("contests.entrance", contest.password).hexdigest()
