"""The web tier's entry point: `gunicorn videoshare.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "videoshare.settings")
application = get_wsgi_application()
