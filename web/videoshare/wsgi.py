"""The web tier's entry point: `gunicorn videoshare.wsgi`."""

import os
from typing import Any

import django
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "videoshare.settings")


class Handler(WSGIHandler):
    """Django's, but a request that it can't even read is a 400, not a 500 with a traceback.

    Django decodes the query as soon as a Content-Type names a charset, before anything of it (or of
    ours) turns errors into answers; the charset may be none, or none for text.
    """

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer one request."""
        try:
            return super().__call__(environ, start_response)
        except (LookupError, ValueError, SuspiciousOperation):
            start_response("400 Bad Request", [("Content-Type", "text/plain")])
            return [b"Bad Request"]


django.setup(set_prefix=False)
application = Handler()
