"""EC2's metadata service as IMDSv2 describes it: a token first, then the question."""

import contextlib
import socket
import threading
import time

import pytest

from backends import instance
from tests.answering import answering

ID = "/latest/meta-data/instance-id"


@pytest.fixture
def metadata(monkeypatch):
    with answering() as sink:
        sink.answers = {"PUT /latest/api/token": "t0ken", f"GET {ID}": "i-0123456789abcdef0"}
        monkeypatch.delenv("AWS_EC2_METADATA_DISABLED", raising=False)
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"http://127.0.0.1:{sink.port}/")
        yield sink


def test_a_token_then_the_question(metadata):
    assert instance.ec2_instance_id() == "i-0123456789abcdef0"
    asked, told = metadata.heard
    assert (asked.method, asked.path) == ("PUT", "/latest/api/token")
    assert asked.headers["X-aws-ec2-metadata-token-ttl-seconds"] == "21600"
    assert (told.method, told.path) == ("GET", ID)
    assert told.headers["X-aws-ec2-metadata-token"] == "t0ken"


@pytest.mark.parametrize("answer", ["", "<html>log in</html>", "i-0\r\nX-Evil: 1", "i" * 65])
def test_what_is_no_id_is_none(metadata, answer):
    metadata.answers[f"GET {ID}"] = answer
    assert instance.ec2_instance_id() == ""


def test_a_refusal_is_no_id(metadata):
    metadata.status = 403
    assert instance.ec2_instance_id() == ""
    assert len(metadata.heard) == 1


def test_nobody_there(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"http://127.0.0.1:{port}")
    assert instance.ec2_instance_id() == ""


def test_no_answer_is_waited_for_longer_than_a_second(metadata):
    metadata.silent.set()
    began = time.monotonic()
    assert instance.ec2_instance_id() == ""
    assert time.monotonic() - began < 2
    metadata.silent.clear()


def test_nor_is_an_answer_that_comes_in_drops(monkeypatch):
    ended = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, contextlib.suppress(OSError):
            for letter in b"HTTP/1.1 200 OK\r\n" * 100:
                connection.send(bytes([letter]))
                if ended.wait(0.2):
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint)
        dripping = threading.Thread(target=drip, args=(server,))
        dripping.start()
        began = time.monotonic()
        assert instance.ec2_instance_id() == ""
        assert time.monotonic() - began < 2
        ended.set()
        dripping.join()


def test_turned_off_it_is_not_asked(metadata, monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert instance.ec2_instance_id() == ""
    assert metadata.heard == []


def test_on_one_machine_it_is_the_hosts_name(metadata):
    assert instance.instance_id() == socket.gethostname()
    assert metadata.heard == []
