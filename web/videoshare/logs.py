"""How the service logs, and what the log must not tell.

On one machine people read the lines. On AWS each line is a JSON object: time, level, logger,
message, instance, what is bound to the work at hand (`request_id`; `worker`, `conversion`, `entry`,
`attempt`), and what a call passes as `extra={"fields": {...}}`; no other `extra`, because libraries
put whole requests there.
"""

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from django.db import OperationalError
from structlog.typing import EventDict

# The part of an address after one of these opens a private page or a running upload. The address
# may stand in another's query, to come back to; its slashes are encoded there.
_PRIVATE = re.compile(
    r"(/|%2F)(participar|mis-videos|equipo|uploads(?:\1parts)?|votar\1(?:confirmar|datos)"
    r"|cuenta\1(?:confirm-email|password\1reset\1key))\1(?:(?!\1)\S)+"
)
# What opens a draft, a private file or a form, in our own addresses.
_KEYS = re.compile(r"((?:[?&]|%3F|%26)(?:vista|signed|codigo)(?:=|%3D))[^&\s\"'<>]+")
# Who has a signed address needs no other permission; the signature is in its query.
_QUERY = re.compile(r"(\w://[^\s?\"'<>]{1,500})\?[^\s\"'<>]+")
# Mail servers' complaints, for one, quote them.
_EMAIL = re.compile(r"[^\s@<>()\[\]\"',;:=/]{1,64}@[\w-]{1,63}(\.[\w-]{1,63})+")
_STRANGERS = ("request_id", "correlation_id")  # may come from a request's header, of any length
# Too many connections, a wrong password, a server that shuts down:
# dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
_REFUSED = (1040, 1045, 1053)
_CLIENT_ERRORS = range(2000, 3000)  # no answer: …/client-error-reference.html


class _Tracebacks(logging.Formatter):
    """Tells where an error came from, except of a database that is away: that is no fault of ours.

    Every page, sweep and heartbeat would say the same again, on forty lines each.
    """

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        """Return the traceback, or the error alone."""
        error = ei[1]
        if isinstance(error, OperationalError) and error.args:
            code = error.args[0]
            if code in _REFUSED or code in _CLIENT_ERRORS:
                return f"{type(error).__name__}: {error}"
        return super().formatException(ei)


_TRACEBACKS = _Tracebacks()


def hide(text: str) -> str:
    """Take the secret out of private and signed addresses, and mail addresses out altogether."""
    text = _KEYS.sub(r"\1…", _PRIVATE.sub(r"\1\2\1…", text))
    return _EMAIL.sub("…@…", _QUERY.sub(r"\1?…", text))


class HideTokens(logging.Filter):
    """Hides them in message and traceback; Django logs the address of every refused request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; every record passes."""
        record.msg, record.args = hide(record.getMessage()), ()
        if record.exc_info:
            # Formatters take this text where there is one.
            record.exc_text = hide(_TRACEBACKS.formatException(record.exc_info))
        return True


def configuration(on_aws: bool) -> dict[str, Any]:
    """Return the configuration of `logging` for every process of the service."""
    line = {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    # By name: nothing of the settings may import a backend.
    json = {
        "()": "videoshare.logs.json_lines",
        "instance": "ext://backends.instance.instance_id",
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": json if on_aws else line},
        "filters": {"tokens": {"()": "videoshare.logs.HideTokens"}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["tokens"],
            },
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # Anybody can ask under a made-up name: a line each, with a traceback, would only fill
            # the log.
            "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
            # It logs addresses too, and its own handler would hide nothing in them.
            "gunicorn.error": {"propagate": True},
            **{name: {"level": "WARNING"} for name in ("boto3", "botocore", "s3transfer")},
            # Its warnings of what was not found come after the request's own line, without its id.
            **({"django.request": {"level": "ERROR"}} if on_aws else {}),
        },
    }


def json_lines(instance: Callable[[], str]) -> logging.Formatter:
    """Return the formatter that makes a JSON object of each record; `instance` names the machine.

    From then on django-structlog's lines about requests go through `logging` as well.
    """
    structlog.configure(
        processors=[_request_line],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    here = instance()

    def arranged(logger: Any, method: str, event: EventDict) -> EventDict:
        record: logging.LogRecord = event.pop("_record")
        message, error = event.pop("event"), event.pop("exc_info", None)
        for name in ("_from_structlog", "stack_info"):
            event.pop(name, None)
        found = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message,
            "instance": here,
            **event,
            **getattr(record, "fields", {}),
        }
        found |= {name: str(found[name])[:64] for name in _STRANGERS if name in found}
        if error:
            found["exception"] = _TRACEBACKS.formatException(error)
        hidden: EventDict = _hidden(found)
        return hidden

    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.contextvars.merge_contextvars,
            arranged,
            structlog.processors.JSONRenderer(),
        ],
    )


def _request_line(logger: Any, method: str, event: EventDict) -> EventDict:
    """Leave one line of a request: method, path, status. What failed, Django's own line tells."""
    if event["event"] != "request_finished":
        raise structlog.DropEvent
    request = str(event["request"]).partition("?")[0]  # a query holds whatever a stranger typed
    fields = {"request": request, "status": event["code"]}
    return {"msg": f"{request} {event['code']}", "extra": {"fields": fields}}


def _hidden(value: Any) -> Any:
    """Return a JSON value with `hide` done to every text in it."""
    if isinstance(value, dict):
        return {name: _hidden(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(each) for each in value]
    return value if value is None or isinstance(value, int | float) else hide(str(value))
