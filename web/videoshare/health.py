"""`/healthz` (is this process alive?) and `/readyz` (can it serve?), for load balancers.

They answer before the host check and the HTTPS redirect, because a load balancer asks by address
and in plain HTTP. `/healthz` looks at nothing else: a database blip must not replace the fleet.
"""

import logging
import threading
from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from backends import queue, storage

logger = logging.getLogger(__name__)


class HealthMiddleware:
    """Answers the two addresses; must be the first middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._asking = threading.Lock()
        self._known: dict[str, str] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a health address, pass on all others."""
        if request.path == "/healthz":
            return HttpResponse("ok", content_type="text/plain")
        if request.path == "/readyz":
            return self._ready()
        return self.get_response(request)

    def _ready(self) -> JsonResponse:
        """Ask, or say what the last one heard who asked.

        One request at a time: of those that wait for something silent, many would leave `/healthz`
        no thread to answer in.
        """
        if self._asking.acquire(blocking=False):
            try:
                self._known = _ask_all()
            finally:
                self._asking.release()
        ready = set(self._known.values()) == {"ok"}
        return JsonResponse(self._known, status=200 if ready else 503)


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_all() -> dict[str, str]:
    """Say of each thing that we need whether it answers."""
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
    return results
