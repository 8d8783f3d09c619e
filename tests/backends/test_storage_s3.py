"""What stands in the requests to S3, and what becomes of objects there."""

import hashlib
import http.client
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import boto3
import pytest

from backends import storage, storage_s3, uploads
from tests.answering import Answer, Heard, answering

pytestmark = [pytest.mark.aws, pytest.mark.django_db]

LARGE = 9 * 1024**2  # bytes: more than go in one request


@pytest.fixture
def asked(s3_at):
    """The requests to S3."""
    with answering(passed_on) as server:
        s3_at(server.address)
        yield server.heard


def passed_on(heard: Heard) -> Answer:
    """What the emulator answers to a request."""
    emulator = urlsplit(boto3.client("sqs").meta.endpoint_url).netloc
    onward = http.client.HTTPConnection(emulator, timeout=30)
    onward.request(heard.method, heard.path, heard.body, dict(heard.headers))
    with onward.getresponse() as answer:
        headers = {name.title(): text for name, text in answer.getheaders()}
        for name in ("Transfer-Encoding", "Connection"):
            headers.pop(name, None)
        status, content = answer.status, answer.read()
    onward.close()
    return status, headers, content


def names(asked: list[Heard]) -> set[str]:
    """The names of all headers that were sent, in lower case."""
    return {name.lower() for each in asked for name in each.headers}


def put(folder, content=b"content", prefix=storage.VIDEOS, suffix=".mp4", key=""):
    path = folder / "made"
    path.write_bytes(content)
    key = key or storage.new_key(prefix, suffix)
    storage.put(path, key)
    return key


def found(aws, key):
    return boto3.client("s3").head_object(Bucket=aws.bucket, Key=key, ChecksumMode="ENABLED")


@pytest.mark.parametrize("size", [7, LARGE])
def test_a_key_is_written_once(aws, tmp_path, asked, size):
    key = put(tmp_path, bytes(size))
    conditions = [each.headers.get("if-none-match") for each in asked]
    assert conditions[-1] == "*"
    assert conditions.count("*") == 1  # on what makes the object, not on its parts
    with pytest.raises(FileNotFoundError, match="PreconditionFailed"):
        put(tmp_path, b"other", key=key)
    assert found(aws, key)["ContentLength"] == size


def test_an_answer_that_was_lost_on_its_way_is_no_failure(aws, tmp_path):
    key = put(tmp_path)
    put(tmp_path, key=key)  # the same once more, as s3transfer would
    assert found(aws, key)["ContentLength"] == 7


def test_threads_write_once_too(aws, tmp_path):
    """django-storages makes a connection for each thread; the condition must be on all."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(storage_s3._published, aws.bucket).result()
    key = put(tmp_path)
    with pytest.raises(FileNotFoundError, match="PreconditionFailed"):
        put(tmp_path, b"other", key=key)


@pytest.mark.parametrize(
    "prefix, suffix, private, kind, shared",
    [
        (storage.VIDEOS, ".mp4", False, "video/mp4", "public"),
        (storage.POSTERS, ".jpg", False, "image/jpeg", "public"),
        (storage.VIDEOS, ".mp4", True, "video/mp4", "private"),
        (storage.SOURCES, "", False, "application/octet-stream", "private"),
    ],
)
def test_what_is_said_of_an_object(aws, tmp_path, prefix, suffix, private, kind, shared):
    key = put(tmp_path, key=storage.new_key(prefix, suffix, private=private))
    head = found(aws, key)
    assert (head["ContentType"], head["CacheControl"]) == (
        kind,
        f"{shared}, max-age=31536000, immutable",
    )


def test_a_copy_is_kept_as_long_as_its_own_area_allows(aws, tmp_path):
    key = put(tmp_path)
    new = storage.key_beside(key, private=True)
    storage.copy(key, new)
    head = found(aws, new)
    assert (head["ContentType"], head["CacheControl"]) == (
        "video/mp4",
        "private, max-age=31536000, immutable",
    )


def test_without_a_key_pair_of_cloudfront_s3_signs(aws, tmp_path):
    key = put(tmp_path, key=storage.new_key(storage.VIDEOS, ".mp4", private=True))
    parts = urlsplit(storage.public_url(key))
    onward = http.client.HTTPConnection(parts.netloc, timeout=30)
    onward.request("GET", f"{parts.path}?{parts.query}")
    assert onward.getresponse().read() == b"content"
    onward.close()


@pytest.mark.parametrize("size", [7, LARGE])
def test_checksums_travel_and_no_acl(tmp_path, asked, size):
    key = put(tmp_path, bytes(size))
    storage.fetch(key, tmp_path / "fetched")
    bodies = [each for each in asked if int(each.headers.get("content-length", 0)) >= 7]
    sums = {name for name in names(bodies) if name.startswith("x-amz-checksum")}
    trailers = {each.headers.get("x-amz-trailer") for each in bodies}
    assert sums | trailers >= {"x-amz-checksum-crc32"}
    assert "x-amz-acl" not in names(asked)
    assert (tmp_path / "fetched").read_bytes() == bytes(size)


@pytest.mark.parametrize("size", [7, LARGE])
def test_another_maker_of_s3_hears_nothing_it_does_not_know(aws, s3_at, settings, tmp_path, size):
    with answering(passed_on) as server:
        s3_at(boto3.client("sqs").meta.endpoint_url)
        settings.S3_ENDPOINT_URL = server.address
        key = put(tmp_path, bytes(size))
        storage.fetch(key, tmp_path / "fetched")
        source = storage.new_key(storage.SOURCES)
        upload = uploads.create(source, 7)
        signed = uploads.sign_part(upload, source, 1, 7)
        uploads.abort(upload, source)
        storage.delete(key)
    assert (tmp_path / "fetched").read_bytes() == bytes(size)
    assert {each.path.split("?")[0] for each in server.heard} == {
        f"/{aws.bucket}/{key}",
        f"/{aws.bucket}/{source}",
        f"/{aws.bucket}",
    }
    sent = names(server.heard)
    assert [name for name in sent if "checksum" in name] == []
    assert not sent & {"content-encoding", "if-none-match", "x-amz-acl", "x-amz-trailer"}
    assert signed.startswith(f"{server.address}/{aws.bucket}/")
    assert "checksum" not in signed


def test_deleting_leaves_no_old_version(aws, tmp_path):
    key = put(tmp_path)
    s3 = boto3.client("s3")
    s3.put_object(Bucket=aws.bucket, Key=key, Body=b"later")
    s3.delete_object(Bucket=aws.bucket, Key=key)
    storage.delete(key)
    left = s3.list_object_versions(Bucket=aws.bucket, Prefix=key)
    assert (left.get("Versions", []), left.get("DeleteMarkers", [])) == ([], [])


@pytest.mark.slow
def test_a_large_object_passes_through_no_memory(aws, tmp_path):
    content = bytes(range(256)) * 2**18  # 64 MiB
    key = put(tmp_path, content)
    digest = hashlib.sha256(content).digest()
    del content
    tracemalloc.start()
    storage.fetch(key, tmp_path / "fetched")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    with (tmp_path / "fetched").open("rb") as file:
        assert hashlib.file_digest(file, "sha256").digest() == digest
    assert peak < 48 * 1024**2


def test_many_keys_are_deleted_together(aws, tmp_path):
    keys = [put(tmp_path) for _ in range(20)]
    storage.delete(*keys)
    assert boto3.client("s3").list_objects_v2(Bucket=aws.bucket)["KeyCount"] == 0


@pytest.mark.parametrize("size", [7, LARGE])
def test_who_is_told_to_stop_stores_nothing_and_fetches_nothing(aws, tmp_path, size):
    stop = threading.Event()
    made, key = tmp_path / "made", storage.new_key(storage.VIDEOS)
    made.write_bytes(bytes(size))
    storage.put(made, key, stop)
    stop.set()
    with pytest.raises(storage.Stopped):
        storage.fetch(key, tmp_path / "fetched", stop=stop)
    assert not (tmp_path / "fetched").exists()
    with pytest.raises(storage.Stopped):
        storage.put(made, storage.new_key(storage.VIDEOS), stop)
    s3 = boto3.client("s3")
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=aws.bucket)["Contents"]] == [key]
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=aws.bucket)
