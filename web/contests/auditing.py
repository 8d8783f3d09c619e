"""The audit trail: who did what. Written in the transaction that does it, never changed."""

from typing import Any

from django.db.models.functions import Now

from accounts.models import User
from contests.models import Contest, Entry, Event


def record(
    contest: Contest,
    action: str,
    *,
    entry: Entry | None = None,
    user: User | None = None,
    actor: str = "",
    batch: str = "",
    **detail: Any,
) -> Event:
    """Note in the caller's transaction that somebody did something; see Event for the fields.

    `actor` is "team" with a user and "service" without, unless it is given. `detail` holds plain
    values: no address, no token.
    """
    return Event.objects.create(
        contest=contest,
        entry=entry,
        user=user,
        actor=actor or ("team" if user else "service"),
        action=action,
        detail=detail,
        batch=batch,
        at=Now(),
    )
