"""What log, metrics and Splunk hear of a conversion."""

import io
import json
import logging
import time
from dataclasses import replace

import pytest
import structlog

from backends import queue, splunk, storage
from contests import converting
from contests.models import State
from tests import media
from tests.answering import answering
from tests.waiting import until
from tests.workerjob.test_worker import submit
from videoshare import logs
from workerjob import lease, reporting
from workerjob.convert import Tools
from workerjob.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)

IDS = ("worker", "conversion", "entry", "attempt")


@pytest.fixture
def sink(settings):
    """A Splunk, configured."""
    with answering() as sink:
        settings.CONFIG = replace(
            settings.CONFIG,
            secret_name="videoshare",
            splunk_api_url="127.0.0.1",
            splunk_api_port=sink.port,
            splunk_api_protocol="http",
            splunk_api_token="token",
        )
        splunk._sender.cache_clear()
        yield sink
        sink.silent.clear()
        splunk._sender().close()
        splunk._sender.cache_clear()


@pytest.fixture
def lines():
    """What is logged as JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.json_lines(lambda: "i-0123"))
    handler.addFilter(logs.HideTokens())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)
    structlog.reset_defaults()


def events(sink) -> list[dict]:
    splunk._sender().close()
    return [json.loads(line)["event"] for heard in sink.heard for line in heard.body.splitlines()]


def work() -> str:
    worker = Worker(Tools())
    worker.run(burst=True)
    return worker.name


def test_a_conversion_from_entry_to_end(sink, lines):
    conversion = submit(media.clip("flv_sorenson_mp3"))
    name = work()
    ids = {"entry": conversion.entry_id, "conversion": conversion.pk}
    told = [line for line in lines() if line["logger"].startswith("workerjob") and "entry" in line]
    [line] = told
    assert {key: line[key] for key in IDS} == {**ids, "worker": name, "attempt": 1}
    assert list(line["stages"]) == ["fetch", "probe", "encode", "verify", "done", "store"]
    assert sum(line["stages"].values()) == pytest.approx(line["seconds"], abs=0.1)
    for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
        assert isinstance(line[metric["Name"]], int | float)
    assert (line["Outcome"], line["Failures"]) == ("finished", 0)

    submitted, finished = events(sink)
    size = conversion.entry.upload.size
    assert {**submitted, "instance": ""} == {
        "event": "entry_submitted",
        "instance": "",
        "contest": conversion.entry.contest_id,
        "bytes": size,
        **ids,
    }
    measured = {key: finished.pop(key) for key in ("instance", "seconds", "wait", "stages")}
    assert measured["stages"] == line["stages"]
    assert 0 <= measured["wait"] < 60
    assert finished == {
        "event": "conversion_finished",
        "attempt": 1,
        "codec_in": "flv1",
        "codec_out": "h264",
        "audio_in": "mp3",
        "audio_out": "aac",
        "bytes_in": size,
        "bytes_out": sum(conversion.renditions.values_list("size", flat=True)),
        **ids,
    }


def test_a_refusal(sink, lines, tmp_path):
    path = tmp_path / "text.avi"
    path.write_bytes(b"RIFF\0\0\0\0AVI LIST not a video at all" * 100)
    conversion = submit(path)
    work()
    conversion.refresh_from_db()
    [line] = [line for line in lines() if "Outcome" in line]
    assert (line["Outcome"], line["Failures"]) == ("refused", 0)
    _, refused = events(sink)
    assert refused["event"] == "conversion_refused"
    assert refused["reason"] == line["reason"] == conversion.reason
    assert list(refused["stages"]) == ["fetch", "probe"]
    assert "text.avi" not in json.dumps([lines(), refused])


def test_a_failure_of_ours(sink, lines):
    conversion = submit(media.clip("wmv2"))
    storage.delete(conversion.entry.upload.key)
    work()
    [line] = [line for line in lines() if "Outcome" in line]
    assert (line["Outcome"], line["Failures"], line["level"]) == ("failed", 1, "ERROR")
    assert "FileNotFoundError" in line["exception"]
    _, failed = events(sink)
    assert (failed["event"], failed["reason"]) == ("conversion_failed", "FileNotFoundError")


def test_who_comes_too_late_reports_no_refusal(sink, lines, tmp_path, monkeypatch):
    path = tmp_path / "text.avi"
    path.write_bytes(b"RIFF\0\0\0\0AVI LIST not a video at all" * 100)
    submit(path)
    monkeypatch.setattr(converting, "refuse", lambda *_: False)
    work()
    assert [event["event"] for event in events(sink)] == ["entry_submitted"]


def test_a_splunk_that_never_answers_holds_up_no_conversion(sink):
    sink.silent.set()
    conversion = submit(media.clip("flv_sorenson_mp3"))
    until(lambda: sink.heard)
    began = time.monotonic()
    work()
    assert time.monotonic() - began < 30
    conversion.refresh_from_db()
    assert conversion.state == State.SUCCEEDED
    assert queue.depth().visible == 0


def test_the_threads_of_a_job_log_its_ids_and_none_stay_behind(lines, monkeypatch):
    monkeypatch.setattr(lease, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(reporting, "_PAUSE", 0.0)
    logger = logging.getLogger("workerjob.tests")
    holds, report = converting.holds, converting.report

    def held(claim):
        logger.info("looked")
        return holds(claim)

    def reported(*args):
        logger.info("reported")
        return report(*args)

    monkeypatch.setattr(converting, "holds", held)
    monkeypatch.setattr(converting, "report", reported)
    conversion = submit(media.clip("wmv2"))
    queue.send({"nothing": 1})
    name = work()
    ids = {"worker": name, "conversion": conversion.pk, "entry": conversion.entry_id, "attempt": 1}
    found = lines()
    for message in ("looked", "reported"):
        told = [line for line in found if line["message"] == message]
        assert told
        assert [{key: line.get(key) for key in IDS} for line in told] == [ids] * len(told)
    [dead] = [line for line in found if "dead letters" in line["message"]]
    assert "conversion" not in dead
