"""The web tier's entry point: `gunicorn videoshare.wsgi`."""

import os

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "videoshare.settings")


class Request(WSGIRequest):
    """Reads everything as UTF-8, the only encoding our pages ask for.

    Django believes the charset of a Content-Type, and fails with a 500 where it is none for text.
    """

    @property
    def encoding(self) -> None:
        """None: the default, UTF-8."""
        return None

    @encoding.setter
    def encoding(self, charset: str) -> None:
        pass


class Handler(WSGIHandler):
    """Django's, with our request."""

    request_class = Request


django.setup(set_prefix=False)
application = Handler()
