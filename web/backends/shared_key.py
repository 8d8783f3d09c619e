"""The key that signs sessions, mailed links and upload addresses, the same on every instance.

It lives in the database: the secret's 18 keys hold nothing to derive it from but passwords, and
those are rotated, which must not log everybody out. Sessions are in the database as well, so who
can read it there gains nothing.
"""

from django.core.exceptions import ImproperlyConfigured
from django.db import connection


def load() -> str:
    """Read the key. Raises ImproperlyConfigured before the first `migrate`."""
    from backends.models import SharedKey

    if "backends_sharedkey" not in connection.introspection.table_names():
        raise ImproperlyConfigured("the database is not set up: run manage.py migrate")
    return SharedKey.objects.get().value
