"""S3 that is not there, fails or is silent: every call says the same, and soon."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import boto3
import pytest

from backends import storage, uploads
from backends.models import Undeleted
from tests.answering import answering
from tests.factories import store

pytestmark = [pytest.mark.aws, pytest.mark.django_db]


@contextmanager
def absent() -> Iterator[str]:
    """An address of this machine at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listens
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@contextmanager
def failing() -> Iterator[str]:
    """A server that says of every request what S3 says of a fault of its own."""
    words = b"<Error><Code>InternalError</Code><Message>We are sorry</Message></Error>"
    with answering(lambda _: (500, {"Content-Type": "application/xml"}, words)) as server:
        yield server.address


@contextmanager
def silent() -> Iterator[str]:
    """A server that takes every request and never answers."""
    with answering() as server:
        server.silent.set()
        yield server.address


def key():
    return storage.new_key(storage.SOURCES)


def says(call):
    try:
        call()
    except storage.Unavailable as error:
        return str(error)
    return "nothing"


@pytest.mark.parametrize(
    "server, said",
    [
        (absent, "S3 does not answer: EndpointConnectionError"),
        (failing, "S3 answered "),
        (silent, "S3 does not answer: ReadTimeoutError"),
    ],
)
def test_every_call_says_so_and_soon(s3_at, tmp_path, server, said):
    (tmp_path / "small").write_bytes(b"content")
    (tmp_path / "large").write_bytes(bytes(9 * 1024**2))  # goes in parts
    calls = [
        lambda: storage.put(tmp_path / "small", key()),
        lambda: storage.put(tmp_path / "large", key()),
        lambda: storage.fetch(key(), tmp_path / "fetched"),
        lambda: storage.size(key()),
        lambda: storage.head(key(), 10),
        storage.check,
        lambda: uploads.create(key(), 7),
        lambda: uploads.list_parts("id", key(), 7),
        lambda: uploads.complete("id", key(), 7),
    ]
    with server() as address:
        s3_at(address)
        began = time.monotonic()
        with ThreadPoolExecutor(len(calls)) as pool:
            answers = list(pool.map(says, calls))
        uploads.abort("id", key())  # only logs
        assert time.monotonic() - began < 30  # three tries each, of a second
    assert [answer.startswith(said) for answer in answers] == [True] * len(calls)
    assert not (tmp_path / "fetched").exists()


def test_what_can_not_be_deleted_now_is_deleted_later(aws, s3_at, monkeypatch):
    keys = [storage.new_key(storage.VIDEOS, ".mp4") for _ in range(2)]
    for each in keys:
        store(each, b"content")
    with absent() as address:
        s3_at(address)
        storage.delete(*keys)
        storage.delete(*keys)  # noted once
        assert storage.delete_again() == 0
    assert set(Undeleted.objects.values_list("key", flat=True)) == set(keys)

    s3_at(boto3.client("sqs").meta.endpoint_url)
    assert [storage.size(each) for each in keys] == [7, 7]
    assert (storage.delete_again(), storage.delete_again()) == (2, 0)
    for each in keys:
        with pytest.raises(FileNotFoundError):
            storage.size(each)
    assert not Undeleted.objects.exists()
