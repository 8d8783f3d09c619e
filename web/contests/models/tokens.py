"""Secrets for private links."""

import secrets


def new_token() -> str:
    """Return a secret for a private link: 256 bits, safe in an address."""
    return secrets.token_urlsafe(32)
