"""Events for Splunk's HTTP event collector (HEC).

Written by hand: of the two packaged handlers one is abandoned, and both make the caller wait when
Splunk does. Here nobody waits. Events go into a short queue, and a thread posts them, several at a
time. While Splunk is down the thread keeps trying what it has; what no longer fits into the queue
is dropped and counted. An event whose answer got lost may arrive twice.
"""

import atexit
import http.client
import json
import logging
import queue
import ssl
import threading
import time
from functools import cache
from typing import Any

from django.conf import settings

from backends.dropped import Dropped
from backends.instance import instance_id
from videoshare.config import Config

logger = logging.getLogger(__name__)

PATH = "/services/collector/event"
WAITING = 1000  # events in the queue
_BATCH = 100  # events in a request
_TIMEOUT = 5.0  # seconds, to connect and for each read
_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # seconds, after a post that failed
_LAST_SECONDS = 2.0  # to get rid of what is left when the process ends


def send(name: str, **about: Any) -> None:
    """Queue an event: its name, ids and figures; never names, titles or addresses of people."""
    with _making:
        sender = _sender()
    if sender:
        sender.put({"event": name, "instance": instance_id(), **about})


class Sender:
    """A queue of events and the thread that posts them."""

    def __init__(self, config: Config) -> None:
        self.dropped = Dropped("events for Splunk", logger)
        self._address = (config.splunk_api_url, config.splunk_api_port)
        https = config.splunk_api_protocol == "https"
        self._tls = ssl.create_default_context() if https else None
        self._token = config.splunk_api_token.strip()
        self._common = {
            "index": config.splunk_index,
            "source": config.splunk_source,
            "sourcetype": config.splunk_sourcetype,
        }
        self._events: queue.Queue[str | None] = queue.Queue()  # None: the end
        self._left = 0  # queued or under way
        self._counting = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="splunk", daemon=True)
        self._thread.start()

    def put(self, event: dict[str, Any]) -> None:
        """Queue one event, or drop it when too many wait."""
        if self._events.qsize() >= WAITING:
            self.dropped.add(1, "the queue is full")
            return
        self._count(1)
        whole = {**self._common, "time": round(time.time(), 3), "event": event}
        self._events.put(json.dumps(whole))

    def close(self) -> None:
        """Post what is left, for two seconds at most."""
        self._closing.set()
        self._events.put(None)
        self._thread.join(_LAST_SECONDS)
        self.dropped.add(self._left, "the process ends", last=True)

    def _run(self) -> None:
        ended = False
        while not ended:
            found = [self._events.get()]
            while len(found) < _BATCH and not self._events.empty():
                found.append(self._events.get())
            batch = [event for event in found if event is not None]
            ended = len(batch) < len(found)
            if batch and (why := self._deliver(batch)):
                self.dropped.add(len(batch), why)
            self._count(-len(batch))

    def _deliver(self, batch: list[str]) -> str:
        """Post until Splunk takes it. Returns why that will never be, or ""."""
        pause = _SHORTEST_PAUSE
        while True:
            last = self._closing.is_set()
            why, again = self._post("\n".join(batch).encode())
            if last or not (why and again):
                return why
            self._closing.wait(pause)  # then, once it ends, a last try
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _post(self, body: bytes) -> tuple[str, bool]:
        """Return what went wrong, or "", and whether another try may help."""
        # Not urllib: it would carry the token to wherever an answer redirects.
        if self._tls:
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                *self._address, timeout=_TIMEOUT, context=self._tls
            )
        else:
            connection = http.client.HTTPConnection(*self._address, timeout=_TIMEOUT)
        headers = {"Authorization": f"Splunk {self._token}", "Content-Type": "application/json"}
        try:
            connection.request("POST", PATH, body, headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__, True
        except ValueError:  # its text quotes the header
            return "the token is none", False
        finally:
            connection.close()
        if status == http.HTTPStatus.OK:
            return "", False
        return f"status {status}", status >= 500 or status == http.HTTPStatus.TOO_MANY_REQUESTS

    def _count(self, change: int) -> None:
        with self._counting:
            self._left += change


_making = threading.Lock()


@cache
def _sender() -> Sender | None:
    """Return this process's own; made when first needed, because a thread survives no fork."""
    if not settings.CONFIG.splunk_api_url:
        return None
    sender = Sender(settings.CONFIG)
    atexit.register(sender.close)
    return sender
