"""A contest's rules: a change makes the next version, and entries keep the one they accepted."""

from typing import TypedDict

from accounts.models import User
from backends.transactions import retried
from contests import accepting, auditing
from contests.models import Contest, Rules


class Consent(TypedDict):
    """Something a participant agrees to, or has to."""

    text: str
    required: bool


class Outdated(Exception):
    """Somebody has made a newer version in the meantime; `args` holds its number."""


@retried
def write(
    contest: Contest, by: User, text: str, consents: list[Consent], seen: int
) -> Rules | None:
    """Save the next version and return it; None when it would be the same as the current one.

    `seen` is the version that was changed, 0 when there was none. Raises Outdated.
    """
    Contest.objects.select_for_update().get(pk=contest.pk)  # one after the other
    now = accepting.rules_of(contest)
    version = now.version if now else 0
    if version != seen:
        raise Outdated(version)
    if (text, consents) == ((now.text, now.consents) if now else ("", [])):
        return None
    made = Rules.objects.create(
        contest=contest, version=version + 1, text=text, consents=consents, created_by=by
    )
    auditing.record(contest, "rules_changed", user=by, version=made.version)
    return made
