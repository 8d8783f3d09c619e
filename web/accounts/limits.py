"""Rate limits for our own pages: allauth's, so that there is one kind and one place to look.

The rates stand in `settings.ACCOUNT_RATE_LIMITS` beside those of the account pages.
"""

from allauth.core import ratelimit
from django.http import HttpRequest


def allow(request: HttpRequest, action: str, key: str | None = None) -> bool:
    """Count one `action`; False when this visitor (or this `key`) has done it too often."""
    return bool(ratelimit.consume(request, action=action, key=key))
