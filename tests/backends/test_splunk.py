"""Events for Splunk, against a collector that takes them, refuses them or says nothing."""

import json
import logging
import os
import socket
import ssl
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from backends import dropped, splunk
from tests import mariadb
from tests.answering import answering
from tests.waiting import until
from videoshare.config import ROOT, Config

CONFIG = Config(
    splunk_api_url="127.0.0.1",
    splunk_api_protocol="http",
    splunk_api_token="s3cr3t-token",
    splunk_index="videos",
    splunk_source="videoshare",
    splunk_sourcetype="_json",
)


@pytest.fixture
def sink():
    with answering() as sink:
        yield sink


@pytest.fixture
def sender(sink, monkeypatch):
    """A sender to the sink, which waits little between two tries."""
    monkeypatch.setattr(splunk, "_SHORTEST_PAUSE", 0.05)
    sender = splunk.Sender(replace(CONFIG, splunk_api_port=sink.port))
    yield sender
    sink.silent.clear()
    sender.close()


def events(sink) -> list[dict]:
    return [json.loads(line) for heard in sink.heard for line in heard.body.splitlines()]


def test_an_event_as_the_collector_wants_it(sink, sender):
    before = time.time()
    sender.put({"event": "conversion_finished", "conversion": 7})
    sender.close()
    [heard] = sink.heard
    assert (heard.method, heard.path) == ("POST", "/services/collector/event")
    assert heard.headers["Authorization"] == "Splunk s3cr3t-token"
    event = json.loads(heard.body)
    assert before - 0.001 <= event.pop("time") <= time.time()
    assert event == {
        "index": "videos",
        "source": "videoshare",
        "sourcetype": "_json",
        "event": {"event": "conversion_finished", "conversion": 7},
    }
    assert sender.dropped.count == 0


def test_what_gathers_meanwhile_travels_together(sink, sender):
    sink.silent.set()
    sender.put({"n": 0})
    until(lambda: sink.heard)
    for number in range(1, 151):
        sender.put({"n": number})
    sink.silent.clear()
    sender.close()
    assert [len(heard.body.splitlines()) for heard in sink.heard] == [1, 100, 50]
    assert [event["event"]["n"] for event in events(sink)] == list(range(151))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_splunk_can_not_take_now_it_gets_later(sink, sender, status):
    sink.status = status
    sender.put({"n": 1})
    until(lambda: len(sink.heard) >= 3)
    sink.status = 200
    sender.close()
    assert {event["event"]["n"] for event in events(sink)} == {1}
    assert sender.dropped.count == 0


@pytest.mark.parametrize("status", [302, 400, 403])
def test_what_splunk_never_takes_is_dropped_and_counted(sink, sender, status, caplog):
    sink.status = status
    sender.put({"n": 1})
    until(lambda: sender.dropped.count == 1)
    sink.status = 200
    sender.put({"n": 2})
    sender.close()
    assert [event["event"]["n"] for event in events(sink)] == [1, 2]
    assert caplog.messages == [f"events for Splunk: 1 dropped so far (status {status})"]


def test_more_than_the_queue_holds_is_dropped_and_counted(sink, sender):
    sink.silent.set()
    sender.put({"n": 0})
    until(lambda: sink.heard)
    for number in range(1, splunk.WAITING + 26):
        sender.put({"n": number})
    assert sender.dropped.count == 25
    sink.silent.clear()
    sender.close()
    assert [event["event"]["n"] for event in events(sink)] == list(range(splunk.WAITING + 1))


def test_the_count_is_logged_once_a_minute_and_at_the_end(monkeypatch, caplog):
    counter = dropped.Dropped("events", logging.getLogger("tests"))
    for _ in range(5):
        counter.add(1, "full")
    assert caplog.messages == ["events: 1 dropped so far (full)"]
    monkeypatch.setattr(dropped, "_PAUSE", 0.0)
    counter.add(2, "full")
    monkeypatch.setattr(dropped, "_PAUSE", 60.0)
    counter.add(1, "full")
    counter.add(0, "the end", last=True)
    counter.add(0, "the end", last=True)
    assert caplog.messages[1:] == [
        "events: 7 dropped so far (full)",
        "events: 8 dropped so far (the end)",
    ]


def test_a_collector_that_never_answers_holds_nobody_up(sink, sender, caplog):
    sink.silent.set()
    began = time.monotonic()
    for number in range(3):
        sender.put({"n": number})
    assert time.monotonic() - began < 0.5
    until(lambda: sink.heard)
    began = time.monotonic()
    sender.close()
    assert time.monotonic() - began < 3
    assert caplog.messages == ["events for Splunk: 3 dropped so far (the process ends)"]


def test_nobody_there_when_the_process_ends(caplog):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    sender = splunk.Sender(replace(CONFIG, splunk_api_port=port))
    sender.put({"n": 1})
    sender.close()
    assert caplog.messages == ["events for Splunk: 1 dropped so far (ConnectionRefusedError)"]


@pytest.mark.parametrize(
    "host, trusted, heard",
    [("127.0.0.1", True, 1), ("127.0.0.1", False, 0), ("localhost", True, 0)],
)
def test_only_who_proves_the_name_gets_event_and_token(tmp_path, monkeypatch, host, trusted, heard):
    mariadb.certify(tmp_path)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with answering(tls=tls) as sink:
        found = {"splunk_api_url": host, "splunk_api_port": sink.port}
        sender = splunk.Sender(replace(CONFIG, splunk_api_protocol="https", **found))
        sender.put({"n": 1})
        sender.close()
        assert len(sink.heard) == heard
    assert sender.dropped.count == 1 - heard


def test_a_token_that_fits_no_header_is_not_quoted(sink, caplog):
    config = replace(CONFIG, splunk_api_port=sink.port, splunk_api_token="s3cr3t\nX: y")
    sender = splunk.Sender(config)
    sender.put({"n": 1})
    sender.close()
    assert caplog.messages == ["events for Splunk: 1 dropped so far (the token is none)"]
    assert sink.heard == []


def test_turned_off_it_does_nothing(settings):
    assert settings.CONFIG.splunk_api_url == ""
    splunk.send("entry_submitted", entry=1)
    assert splunk._sender() is None


def test_a_process_that_ends_has_sent_what_it_had(sink):
    environ = {
        f"VIDEOSHARE_{name.upper()}": str(getattr(CONFIG, name))
        for name in ("splunk_api_url", "splunk_api_protocol", "splunk_api_token", "splunk_index")
    }
    environ["VIDEOSHARE_SPLUNK_API_PORT"] = str(sink.port)
    script = "from backends import splunk; splunk.send('entry_submitted', entry=5)"
    subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT / "web", env=os.environ | environ, check=True
    )
    [event] = events(sink)
    assert event["event"] == {
        "event": "entry_submitted",
        "instance": socket.gethostname(),
        "entry": 5,
    }
