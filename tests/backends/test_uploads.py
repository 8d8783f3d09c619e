import hashlib
import io
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from django.core import signing
from django.urls import resolve

from backends import storage, storage_folder, uploads, uploads_folder
from backends.uploads import Incomplete, NoSpace, Part

PART = 1000  # bytes; so that several parts fit a short test
CONTENT = bytes(range(256)) * 10  # two whole parts and a rest
TOTAL = len(CONTENT)
KEY = storage.new_key(storage.SOURCES)
PARTS = [CONTENT[at : at + PART] for at in (0, PART, 2 * PART)]
ETAGS = [f'"{hashlib.md5(part, usedforsecurity=False).hexdigest()}"' for part in PARTS]


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.aws)], autouse=True)
def kind(request, monkeypatch):
    """Each test runs on both, unless it asks for one."""
    monkeypatch.setattr(uploads, "PART_BYTES", PART)
    if request.param == "s3":
        request.getfixturevalue("aws")
    return request.param


folder_only = pytest.mark.parametrize("kind", ["folder"], indirect=True)
s3_only = pytest.mark.parametrize("kind", ["s3"], indirect=True)


def send(upload_id, number, content=CONTENT):
    """Send a part as a browser does, and return its ETag."""
    body = content[(number - 1) * PART : number * PART]
    address = uploads.sign_part(upload_id, KEY, number, len(content))
    if address.startswith("/"):
        token = address.removeprefix("/uploads/parts/")
        return uploads_folder.receive_part(token, io.BytesIO(body), len(body))
    return put(address, body)


def put(address, body):
    request = urllib.request.Request(address, body, method="PUT")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers["ETag"]


def signed(upload_id, number, total=TOTAL):
    return uploads.sign_part(upload_id, KEY, number, total).removeprefix("/uploads/parts/")


def read(tmp_path, version=""):
    storage.fetch(KEY, tmp_path / "read", version)
    return (tmp_path / "read").read_bytes()


def test_parts_in_any_order_become_the_file(tmp_path):
    upload_id = uploads.create(KEY, len(CONTENT))
    assert [send(upload_id, number) for number in (3, 1, 2)] == [ETAGS[2], ETAGS[0], ETAGS[1]]
    assert read(tmp_path, uploads.complete(upload_id, KEY, TOTAL)) == CONTENT


def test_completing_twice_is_completing_once(tmp_path):
    upload_id = uploads.create(KEY, TOTAL)
    for number in (1, 2, 3):
        send(upload_id, number)
    first = uploads.complete(upload_id, KEY, TOTAL)
    assert uploads.complete(upload_id, KEY, TOTAL) == first
    assert read(tmp_path, first) == CONTENT


@s3_only
def test_a_later_overwrite_does_not_change_what_was_pinned(aws, tmp_path):
    upload_id = uploads.create(KEY, TOTAL)
    for number in (1, 2, 3):
        send(upload_id, number)
    version = uploads.complete(upload_id, KEY, TOTAL)
    boto3.client("s3").put_object(Bucket=aws.bucket, Key=KEY, Body=b"other")
    assert read(tmp_path, version) == CONTENT
    assert read(tmp_path) == b"other"


@s3_only
def test_without_versions_the_etag_pins(aws, tmp_path):
    versioning = {"Status": "Suspended"}
    boto3.client("s3").put_bucket_versioning(Bucket=aws.bucket, VersioningConfiguration=versioning)
    upload_id = uploads.create(KEY, TOTAL)
    for number in (1, 2, 3):
        send(upload_id, number)
    version = uploads.complete(upload_id, KEY, TOTAL)
    assert read(tmp_path, version) == CONTENT
    boto3.client("s3").put_object(Bucket=aws.bucket, Key=KEY, Body=b"other")
    with pytest.raises(FileNotFoundError):
        read(tmp_path, version)


@s3_only
@pytest.mark.parametrize(
    "body, change",
    [
        (bytes(PART + 1), ("", "")),
        (bytes(PART - 1), ("", "")),
        (bytes(PART), ("partNumber=1", "partNumber=2")),
        (bytes(PART), (KEY, storage.new_key(storage.SOURCES))),
        (bytes(PART), ("X-Amz-Expires=900", "X-Amz-Expires=9000")),
    ],
)
def test_a_signed_address_takes_that_part_of_that_length_only(body, change):
    upload_id = uploads.create(KEY, TOTAL)
    address = uploads.sign_part(upload_id, KEY, 1, TOTAL)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        put(address.replace(*change), body)
    assert uploads.list_parts(upload_id, KEY, TOTAL) == []


@s3_only
def test_after_completion_a_signed_address_takes_nothing(tmp_path):
    upload_id = uploads.create(KEY, TOTAL)
    for number in (1, 2, 3):
        send(upload_id, number)
    version = uploads.complete(upload_id, KEY, TOTAL)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        send(upload_id, 1, bytes(TOTAL))
    assert read(tmp_path, version) == CONTENT


@folder_only
def test_completing_many_times_at_once_leaves_nothing_behind(settings):
    upload_id = uploads.create(KEY, len(CONTENT))
    for number in (1, 2, 3):
        send(upload_id, number)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: uploads.complete(upload_id, KEY, TOTAL), range(8)))
    assert storage_folder.path_of(KEY).read_bytes() == CONTENT
    assert list((settings.MEDIA_ROOT / "uploads").iterdir()) == []


def test_arrived_parts_are_listed():
    upload_id = uploads.create(KEY, len(CONTENT))
    send(upload_id, 3)
    send(upload_id, 1)
    listed = uploads.list_parts(upload_id, KEY, TOTAL)
    assert listed == [Part(1, 1000, ETAGS[0]), Part(3, 560, ETAGS[2])]


def test_parts_of_a_whole_file():
    assert [(part.number, part.size) for part in uploads.all_parts(2560)] == [
        (1, 1000),
        (2, 1000),
        (3, 560),
    ]
    assert [part.size for part in uploads.all_parts(2000)] == [1000, 1000]


def test_missing_parts_refuse_to_complete_and_stay():
    upload_id = uploads.create(KEY, len(CONTENT))
    send(upload_id, 1)
    with pytest.raises(Incomplete):
        uploads.complete(upload_id, KEY, TOTAL)
    assert [part.number for part in uploads.list_parts(upload_id, KEY, TOTAL)] == [1]


@folder_only
def test_a_part_of_another_length_is_refused():
    upload_id = uploads.create(KEY, len(CONTENT))
    for length in (0, 999, 1001):
        with pytest.raises(Incomplete):
            uploads_folder.receive_part(signed(upload_id, 1), io.BytesIO(bytes(length)), length)
    assert uploads.list_parts(upload_id, KEY, TOTAL) == []


@folder_only
def test_a_cut_connection_leaves_no_marker():
    upload_id = uploads.create(KEY, len(CONTENT))
    with pytest.raises(Incomplete):
        uploads_folder.receive_part(signed(upload_id, 1), io.BytesIO(CONTENT[:700]), PART)
    assert uploads.list_parts(upload_id, KEY, TOTAL) == []


@folder_only
def test_no_more_than_the_part_is_read():
    upload_id = uploads.create(KEY, len(CONTENT))
    body = io.BytesIO(CONTENT)
    uploads_folder.receive_part(signed(upload_id, 1), body, PART)
    assert body.tell() == PART


def test_a_part_sent_twice_at_the_same_moment_is_one_part():
    upload_id = uploads.create(KEY, len(CONTENT))
    start = threading.Barrier(8)

    def once(_):
        start.wait()
        return send(upload_id, 2)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(once, range(8))) == [ETAGS[1]] * 8
    assert uploads.list_parts(upload_id, KEY, TOTAL) == [Part(2, 1000, ETAGS[1])]


def test_a_part_sent_again_with_other_bytes_replaces_the_first():
    upload_id = uploads.create(KEY, len(CONTENT))
    send(upload_id, 2, bytes(len(CONTENT)))
    send(upload_id, 2)
    assert uploads.list_parts(upload_id, KEY, TOTAL) == [Part(2, 1000, ETAGS[1])]


@pytest.mark.parametrize("number", [-1, 0, 4, 10**9])
def test_numbers_outside_the_file_are_no_parts(number):
    assert uploads.part_size(len(CONTENT), number) == 0


@folder_only
def test_addresses_are_ours_and_cannot_be_forged_or_kept(monkeypatch):
    upload_id = uploads.create(KEY, len(CONTENT))
    address = uploads.sign_part(upload_id, KEY, 1, TOTAL)
    assert resolve(address).view_name == "participants:upload_receive"
    token = signed(upload_id, 1)
    with pytest.raises(signing.BadSignature):
        uploads_folder.receive_part(token[:-1] + "?", io.BytesIO(CONTENT[:PART]), PART)
    monkeypatch.setattr(uploads, "SIGNED_SECONDS", -1)
    with pytest.raises(signing.SignatureExpired):
        uploads_folder.receive_part(token, io.BytesIO(CONTENT[:PART]), PART)


def test_an_aborted_upload_is_gone_with_its_space(kind, settings):
    upload_id = uploads.create(KEY, len(CONTENT))
    send(upload_id, 1)
    uploads.abort(upload_id, KEY)
    uploads.abort(upload_id, KEY)
    with pytest.raises((FileNotFoundError, urllib.error.HTTPError)):
        send(upload_id, 2)
    with pytest.raises(FileNotFoundError):
        uploads.list_parts(upload_id, KEY, TOTAL)
    if kind == "folder":
        assert list((settings.MEDIA_ROOT / "uploads").iterdir()) == []


@folder_only
def test_the_space_is_really_reserved():
    upload_id = uploads.create(KEY, 2_000_000)
    blocks = (uploads_folder._folder(upload_id) / "data").stat().st_blocks
    assert blocks * 512 >= 2_000_000


@folder_only
def test_what_would_touch_the_reserve_is_refused_before_it_starts(settings):
    settings.DISK_RESERVE_BYTES = 10**18
    with pytest.raises(NoSpace):
        uploads.create(KEY, 1)
    assert not (settings.MEDIA_ROOT / "uploads").exists()


@folder_only
@pytest.mark.parametrize("size, reserve", [(2**61, 0), (1, 10**18)], ids=["disk", "reserve"])
def test_what_the_disk_cannot_hold_leaves_nothing(settings, monkeypatch, size, reserve):
    settings.DISK_RESERVE_BYTES = reserve
    # The check that others outran, who had begun at the same moment.
    monkeypatch.setattr(storage_folder, "free_bytes", lambda: 2**62)
    with pytest.raises(NoSpace):
        uploads.create(KEY, size)
    assert list((settings.MEDIA_ROOT / "uploads").iterdir()) == []
