"""`/healthz` (is this process alive?) and `/readyz` (can it serve?), for load balancers.

They answer before the host check and the HTTPS redirect, because a load balancer asks by address
and in plain HTTP. `/healthz` looks at nothing else: a database blip must not replace the fleet.
"""

import logging
from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from backends import queue, storage

logger = logging.getLogger(__name__)


class HealthMiddleware:
    """Answers the two addresses; must be the first middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a health address, pass on all others."""
        if request.path == "/healthz":
            return HttpResponse("ok", content_type="text/plain")
        if request.path == "/readyz":
            return _ready()
        return self.get_response(request)


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ready() -> JsonResponse:
    checks = {
        "database": _ask_database,
        "queue": queue.depth,
        "storage": storage.check,
    }
    results = {}
    for name, check in checks.items():
        try:
            check()
            results[name] = "ok"
        except Exception:
            # Whatever fails, the answer is "not ready"; the reason belongs in the log, not in a
            # public address.
            logger.exception("readyz: %s is not ready", name)
            results[name] = "failed"
    return JsonResponse(results, status=200 if set(results.values()) == {"ok"} else 503)
