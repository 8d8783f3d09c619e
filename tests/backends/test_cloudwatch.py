"""Log lines on their way to CloudWatch Logs."""

import logging
import socket
import time
import uuid

import boto3
import pytest

from backends import cloudwatch
from tests import emulator
from tests.waiting import until


@pytest.fixture
def unreachable(monkeypatch):
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")


@pytest.fixture
def logger():
    """A logger of the test's own, to which it attaches a handler."""
    logger = logging.getLogger(f"tests.{uuid.uuid4().hex}")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    yield logger
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()


def attach(logger, group="/videoshare/web") -> cloudwatch.Handler:
    handler = cloudwatch.Handler(group, "i-0123/web-1", emulator.REGION)
    logger.addHandler(handler)
    return handler


def lines(group: str) -> list[str]:
    found = boto3.client("logs").get_log_events(
        logGroupName=group, logStreamName="i-0123/web-1", startFromHead=True
    )
    return [event["message"] for event in found["events"]]


@pytest.mark.aws
@pytest.mark.usefixtures("_emulator")
@pytest.mark.parametrize("made_before", [True, False])
def test_lines_arrive_in_the_group_and_stream(logger, made_before):
    group = f"/videoshare-{uuid.uuid4().hex}/web"
    if made_before:
        boto3.client("logs").create_log_group(logGroupName=group)
    handler = attach(logger, group)
    for number in range(3):
        logger.info('{"n": %s}', number)
    handler.flush()
    assert lines(group) == ['{"n": 0}', '{"n": 1}', '{"n": 2}']
    logger.info("and more")
    handler.close()
    assert lines(group)[3:] == ["and more"]
    assert handler.dropped.count == 0


@pytest.mark.aws
@pytest.mark.usefixtures("_emulator")
def test_nobody_need_flush(logger, monkeypatch):
    monkeypatch.setattr(cloudwatch, "_INTERVAL", 0.1)
    group = f"/videoshare-{uuid.uuid4().hex}/web"
    attach(logger, group)
    boto3.client("logs").create_log_group(logGroupName=group)
    boto3.client("logs").create_log_stream(logGroupName=group, logStreamName="i-0123/web-1")
    logger.info("hello")
    until(lambda: lines(group) == ["hello"])


def test_while_it_is_down_lines_are_dropped_and_counted(unreachable, logger, monkeypatch, caplog):
    monkeypatch.setattr(cloudwatch, "_INTERVAL", 0.1)
    began = time.monotonic()
    handler = attach(logger)
    for number in range(100):
        logger.info("%s", number)
    assert time.monotonic() - began < 2
    until(lambda: handler.dropped.count == 100)
    handler.close()
    told = [each.getMessage() for each in caplog.records if each.name == "backends.cloudwatch"]
    assert told[0].endswith("dropped so far (EndpointConnectionError)")
    assert told[-1].startswith("lines for CloudWatch Logs: 100 dropped so far")


def test_more_than_the_queue_holds_is_dropped_and_counted(unreachable, logger, monkeypatch):
    monkeypatch.setattr(cloudwatch, "WAITING", 10)
    monkeypatch.setattr(cloudwatch.Handler, "_dequeue_batch", lambda *_: None)
    handler = attach(logger)
    for number in range(15):
        logger.info("%s", number)
    assert handler.dropped.count == 5
    handler.queues.clear()  # nobody will ever empty it


@pytest.mark.filterwarnings("ignore:Timed out while delivering:watchtower.WatchtowerWarning")
def test_an_exit_waits_two_seconds_at_most(unreachable, logger, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        handler = attach(logger)
        logger.info("hello")
        began = time.monotonic()
        handler.flush()
        handler.close()
        assert time.monotonic() - began < 3
        assert handler.dropped.count == 1


@pytest.mark.parametrize(
    "name", ["botocore.endpoint", "urllib3.connectionpool", "boto3", "backends.cloudwatch"]
)
def test_what_its_own_calls_log_is_not_sent(unreachable, name):
    handler = cloudwatch.Handler("/videoshare/web", "i-0123/web-1", emulator.REGION)
    record = logging.LogRecord(name, logging.ERROR, "", 0, "x", (), None)
    assert not handler.filter(record)
    handler.close()


def test_on_one_machine_nothing_is_set_up():
    before = list(logging.getLogger().handlers)
    cloudwatch.start("web")
    assert logging.getLogger().handlers == before
