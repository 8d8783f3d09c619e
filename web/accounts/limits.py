"""Rate limits for our own pages: allauth's, so that there is one kind and one place to look.

The rates stand in `settings.ACCOUNT_RATE_LIMITS` beside those of the account pages.
"""

from allauth.core import ratelimit
from allauth.core.internal.ratelimit import get_ip
from django.http import HttpRequest


def allow(request: HttpRequest, action: str, key: str | None = None) -> bool:
    """Count one `action`; False when this visitor (or this `key`) has done it too often."""
    return bool(ratelimit.consume(request, action=action, key=key))


def may_guess(request: HttpRequest, door: str) -> bool:
    """Say whether this visitor may try a secret at `door`: not after too many wrong ones.

    Right ones cost nothing: a class of thirty comes in by one address of the net.
    """
    return bool(ratelimit.consume(request, action="guess", key=_at(request, door), dry_run=True))


def count_wrong(request: HttpRequest, door: str) -> None:
    """Count a wrong try."""
    ratelimit.consume(request, action="guess", key=_at(request, door))


def _at(request: HttpRequest, door: str) -> str:
    return f"{door} {get_ip(request)}"
