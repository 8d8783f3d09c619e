import io
import json
import logging
import sys
from datetime import datetime
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django_structlog.middlewares import RequestMiddleware
from structlog.contextvars import bound_contextvars

from videoshare import logs
from videoshare.logs import HideTokens


@pytest.mark.parametrize(
    "path, told",
    [
        (reverse("participants:entry", args=["SECRET"]), "/participar/…/"),
        (reverse("participants:mine_list", args=["SECRET"]), "/mis-videos/…/"),
        (reverse("participants:entry_status", args=["SECRET"]), "/participar/…/estado/"),
        (reverse("participants:upload_abort", args=["SECRET"]), "/uploads/…/"),
        (reverse("participants:upload_complete", args=["SECRET"]), "/uploads/…/complete/"),
        (reverse("participants:upload_receive", args=["SE:CR:ET"]), "/uploads/parts/…"),
        (reverse("organizers:join", args=["SECRET"]), "/equipo/…/"),
        (reverse("voters:confirm", args=["SE:CR:ET"]), "/votar/confirmar/…/"),
        (reverse("account_confirm_email", args=["SE:CR:ET"]), "/cuenta/confirm-email/…/"),
        (
            reverse("account_reset_password_from_key", args=["1", "SECRET"]),
            "/cuenta/password/reset/key/…/",
        ),
        (
            "/concurso/films/entrar/?next=%2Fvotar%2Fconfirmar%2FSE%3ACR%3AET%2F",
            "/concurso/films/entrar/?next=%2Fvotar%2Fconfirmar%2F…%2F",
        ),
        ("/concurso/films/?vista=SECRET&page=2", "/concurso/films/?vista=…&page=2"),
        ("/x/?next=%2Fcodigo%2F%3Fcodigo%3DSECRET", "/x/?next=%2Fcodigo%2F%3Fcodigo%3D…"),
        ("/media/private/a.mp4?signed=SE:CR:ET", "/media/private/a.mp4?signed=…"),
        (reverse("participants:submit", args=["films"]), "/concurso/films/participar/"),
        (reverse("participants:upload_create", args=["films"]), "/concurso/films/uploads/"),
    ],
)
def test_addresses_of_private_pages_do_not_reach_the_log(path: str, told: str) -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Gone: %s", (path,), None)
    assert HideTokens().filter(record)
    assert record.getMessage() == f"Gone: {told}"


def test_what_is_logged_goes_through_it() -> None:
    configured: Any = settings.LOGGING
    (handler,) = configured["root"]["handlers"]
    assert configured["handlers"][handler]["filters"] == ["tokens"]


@pytest.mark.parametrize(
    "text, told",
    [
        ("550 <ada@example.org>: no such user", "550 <…@…>: no such user"),
        ("to ada.lovelace+x@mail.example.org, now", "to …@…, now"),
        ("Access denied for 'videoshare'@'10.0.0.1'", "Access denied for 'videoshare'@'10.0.0.1'"),
        ("x" * 100_000, "x" * 100_000),
        ("at https://b.example/k?X-Amz-Signature=0a&X=1, 403", "at https://b.example/k?… 403"),
        ("s3://bucket/key 'http://[::1]/a?b=c'", "s3://bucket/key 'http://[::1]/a?…'"),
    ],
)
def test_mail_addresses_and_signatures_do_not_reach_the_log(text: str, told: str) -> None:
    assert logs.hide(text) == told


def failed(text: str) -> Any:
    """The exc_info of an error with this text."""
    try:
        raise ValueError(text)
    except ValueError:
        return sys.exc_info()


@pytest.mark.parametrize(
    "error, lines",
    [
        (
            OperationalError(2013, "Lost connection"),
            ["OperationalError: (2013, 'Lost connection')"],
        ),
        (OperationalError(1040, "Too many"), ["OperationalError: (1040, 'Too many')"]),
        (OperationalError(1054, "Unknown column"), None),
        (OperationalError("no such table"), None),
        (ValueError(2013), None),
    ],
)
def test_of_a_database_that_is_away_there_is_no_traceback(error, lines) -> None:
    try:
        raise error
    except type(error):
        record = logging.LogRecord("x", logging.ERROR, "", 0, "Failed", (), sys.exc_info())
    HideTokens().filter(record)
    first, *others = logging.Formatter().format(record).splitlines()
    assert first == "Failed"
    assert others == lines if lines else others[0].startswith("Traceback")


def test_an_exception_tells_no_secret_on_one_machine() -> None:
    error = failed("no /participar/SECRET/ for ada@example.org")
    record = logging.LogRecord("x", logging.ERROR, "", 0, "Failed", (), error)
    HideTokens().filter(record)
    line = logging.Formatter().format(record)
    assert line.endswith("ValueError: no /participar/…/ for …@…")
    assert "SECRET" not in line


@pytest.fixture
def told(monkeypatch):
    """A logger that speaks JSON, and what it said."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.json_lines(lambda: "i-0123"))
    handler.addFilter(HideTokens())
    logger = logging.getLogger("tests.json")
    requests = logging.getLogger("django_structlog.middlewares.request")
    for each in (logger, requests):
        monkeypatch.setattr(each, "handlers", [handler])
        monkeypatch.setattr(each, "level", logging.INFO)
    yield logger, lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    structlog.reset_defaults()


def test_a_line_is_one_object(told):
    logger, lines = told
    with bound_contextvars(conversion=7, attempt=2):
        logger.info("%s\nlines", 2, extra={"fields": {"stages": {"probe": 0.5}}, "user": "Ada"})
    [line] = lines()
    assert datetime.fromisoformat(line.pop("time")).utcoffset().total_seconds() == 0
    assert line == {
        "level": "INFO",
        "logger": "tests.json",
        "message": "2\nlines",
        "instance": "i-0123",
        "conversion": 7,
        "attempt": 2,
        "stages": {"probe": 0.5},
    }


def test_json_tells_no_secret_anywhere(told):
    logger, lines = told
    private = "/participar/SECRET/"
    fields = {"deep": {"er": [private, HttpResponse], "to": "ada@example.org"}}
    with bound_contextvars(page=private):
        logger.error("at %s", private, extra={"fields": fields}, exc_info=failed(private))
    [line] = lines()
    assert "SECRET" not in json.dumps(line)
    assert (line["message"], line["page"]) == ("at /participar/…/", "/participar/…/")
    assert line["deep"]["er"][0] == "/participar/…/"
    assert line["deep"]["to"] == "…@…"
    assert line["exception"].endswith("ValueError: /participar/…/")


def requested(path: str, response: HttpResponse, **meta: str) -> HttpRequest:
    """Pass a request through django-structlog's middleware."""
    request = HttpRequest()
    request.method, request.path = "GET", path.partition("?")[0]
    request.META = {"QUERY_STRING": path.partition("?")[2], **meta}
    RequestMiddleware(lambda _: response)(request)
    return request


def test_a_request_leaves_one_line_and_tells_of_nobody(told):
    _, lines = told
    agent = {"HTTP_USER_AGENT": "Netscape", "REMOTE_ADDR": "192.0.2.7"}
    requested("/participar/SECRET/?q=Ada", HttpResponse(status=404), **agent)
    [line] = lines()
    assert len(line.pop("request_id")) == 36
    assert set(line) == {"time", "level", "logger", "message", "instance", "request", "status"}
    assert (line["request"], line["status"]) == ("GET /participar/…/", 404)
    assert line["message"] == "GET /participar/…/ 404"


def test_a_request_that_fails_leaves_one_line_with_the_error(told, monkeypatch):
    logger, lines = told
    monkeypatch.setattr(logging.getLogger("django.request"), "handlers", logger.handlers)

    def view(request):
        raise ValueError(request.path)

    request = RequestFactory().get("/participar/SECRET/")
    caught: Any = convert_exception_to_response(view)
    RequestMiddleware(caught)(request)
    [line] = lines()
    assert (line["logger"], line["level"]) == ("django.request", "ERROR")
    assert line["request_id"]
    assert line["exception"].endswith("ValueError: /participar/…/")
    assert "SECRET" not in json.dumps(line)


def test_an_id_from_a_header_is_cut_short(told):
    _, lines = told
    requested("/", HttpResponse(), HTTP_X_REQUEST_ID="x" * 8000, HTTP_X_CORRELATION_ID="y" * 8000)
    [line] = lines()
    assert (line["request_id"], line["correlation_id"]) == ("x" * 64, "y" * 64)


def test_on_one_machine_people_read_the_lines() -> None:
    configured = logs.configuration(on_aws=False)
    line = {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    assert configured["formatters"] == {"line": line}
    assert "django_structlog.middlewares.RequestMiddleware" not in settings.MIDDLEWARE
