"""Published files, whole and in parts."""

import contextlib
import socket
import time
import urllib.request
from pathlib import Path

import pytest
from django.test import Client

from backends import storage, storage_folder
from tests.factories import picture, store
from tests.server import served
from videoshare.media import MAX_RANGE_BYTES

CONTENT = bytes(range(256)) * 4
MANY = b"\0" * (MAX_RANGE_BYTES + 1000)


def publish(content: bytes, prefix: str = storage.VIDEOS, suffix: str = ".mp4") -> str:
    key = storage.new_key(prefix, suffix)
    store(key, content)
    return storage.public_url(key)


@pytest.fixture
def url() -> str:
    return publish(CONTENT)


def get(client: Client, url: str, **headers: str) -> tuple[int, bytes, str | None]:
    response = client.get(url, headers={name.replace("_", "-"): headers[name] for name in headers})
    return response.status_code, response.getvalue(), response.headers.get("Content-Range")


def test_a_whole_file(client, url):
    response = client.get(url)
    assert (response.status_code, response.getvalue()) == (200, CONTENT)
    assert response["Content-Type"] == "video/mp4"
    assert response["Content-Length"] == "1024"
    assert response["Accept-Ranges"] == "bytes"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"


def test_an_image_s_type(client):
    response = client.get(publish(picture(), storage.POSTERS, ".jpg"))
    assert (response["Content-Type"], response.getvalue()) == ("image/jpeg", picture())


@pytest.mark.parametrize(
    "asked,first,last",
    [
        ("bytes=0-", 0, 1023),
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("bytes=1000-", 1000, 1023),
        ("bytes=1000-5000", 1000, 1023),
        ("bytes=-24", 1000, 1023),
        ("bytes=-5000", 0, 1023),
    ],
)
def test_a_part(client, url, asked, first, last):
    expected = (206, CONTENT[first : last + 1], f"bytes {first}-{last}/1024")
    assert get(client, url, range=asked) == expected


def test_a_part_says_its_length(client, url):
    response = client.get(url, headers={"range": "bytes=100-199"})
    assert response["Content-Length"] == "100"


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5-4", "bytes=-0"])
def test_a_part_that_is_not_there(client, url, asked):
    assert get(client, url, range=asked) == (416, b"", "bytes */1024")


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "bytes=-", "bytes=x-1", "pages=0-1", "bytes=²-", "bytes=" + "9" * 99]
)
def test_what_we_do_not_understand_gets_the_whole_file(client, url, asked):
    assert get(client, url, range=asked) == (200, CONTENT, None)


def test_a_part_has_a_limit_wherever_it_begins(client):
    url = publish(MANY)
    size, most = len(MANY), MAX_RANGE_BYTES
    ranges = [
        client.get(url, headers={"range": asked})["Content-Range"]
        for asked in ("bytes=0-", "bytes=500-", f"bytes=-{size}", "bytes=1500-")
    ]
    assert ranges == [
        f"bytes 0-{most - 1}/{size}",
        f"bytes 500-{most + 499}/{size}",
        f"bytes 0-{most - 1}/{size}",
        f"bytes 1500-{size - 1}/{size}",
    ]


def test_a_part_only_of_what_the_browser_knows(client, url):
    known = client.head(url)
    part = (206, CONTENT[:2], "bytes 0-1/1024")
    for name in ("ETag", "Last-Modified"):
        assert get(client, url, range="bytes=0-1", if_range=known[name]) == part
    for other in ('"other"', "Thu, 01 Jan 1970 00:00:00 GMT", "rubbish"):
        assert get(client, url, range="bytes=0-1", if_range=other) == (200, CONTENT, None)


def test_a_browser_that_has_the_file_gets_none(client, url):
    etag = client.head(url)["ETag"]
    assert get(client, url, if_none_match=etag) == (304, b"", None)


def test_head_says_how_long_the_file_is(client, url):
    response = client.head(url, headers={"range": "bytes=0-1"})
    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Length"] == "1024"


def test_an_empty_file_has_no_part(client):
    assert get(client, publish(b""), range="bytes=0-") == (416, b"", "bytes */0")


@pytest.mark.parametrize(
    "key",
    [
        f"videos_ffmpeg/{'0' * 32}.mp4",  # nobody made it
        "videos_ffmpeg/",
        "videos_ffmpeg/../db.sqlite3",
        "../db.sqlite3",
        "%2e%2e/db.sqlite3",
        "/etc/passwd",
        f"videos_ffmpeg/{'0' * 32}.mp4\0",
        f"videos_ffmpeg/{'0' * 32}.mp4\n",
        f"VIDEOS_FFMPEG/{'0' * 32}.mp4",
        "x" * 5000,
    ],
)
def test_odd_keys(client, key):
    assert client.get(f"/media/{key}").status_code == 404


def test_a_source_is_private(client):
    key = storage.new_key(storage.SOURCES)
    store(key, CONTENT)
    assert client.get(f"/media/{key}").status_code == 404


@pytest.fixture
def private() -> str:
    """The signed address of a private contest's video."""
    key = storage.new_key(storage.VIDEOS, ".mp4", private=True)
    store(key, CONTENT)
    return storage.public_url(key)


def test_a_private_file_opens_by_its_signed_address_only(client, private):
    response = client.get(private, headers={"range": "bytes=0-1"})
    assert (response.status_code, response.getvalue()) == (206, CONTENT[:2])
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    path, _, query = private.partition("?")
    other = storage.new_key(storage.VIDEOS, ".mp4", private=True)
    store(other, CONTENT)
    for address in (
        path,
        f"{path}?signed=",
        f"{path}?signed=a:b",
        f"{private}x",
        f"/media/{other}?{query}",
        f"{path.replace('private/', '')}?{query}",
    ):
        assert client.get(address).status_code == 404


def test_a_signed_address_ends_and_is_the_same_for_an_hour(client, private, monkeypatch):
    key, hour = private.partition("?")[0].removeprefix("/media/"), 3600
    began = int(time.time()) // hour * hour
    monkeypatch.setattr(time, "time", lambda: began + hour - 1)
    assert storage.public_url(key) == private
    monkeypatch.setattr(time, "time", lambda: began + hour)
    assert storage.public_url(key) != private
    for later, status in ((6 * hour - 1, 200), (6 * hour, 404)):
        monkeypatch.setattr(time, "time", lambda later=later: began + later)
        assert get(client, private)[0] == status


def test_a_private_original_has_no_address(client):
    key = storage.new_key(storage.SOURCES, private=True)
    store(key, CONTENT)
    with pytest.raises(ValueError, match="nobody reads"):
        storage.public_url(key)
    signed = storage_folder.signed_url(key, int(time.time()) + 60)
    assert client.get(signed).status_code == 404


def test_a_folder_is_no_file(client, url):
    folder = Path(url).parent
    assert client.get(str(folder)).status_code == 404


def test_nothing_is_written(client, url):
    assert client.post(url).status_code == 405


@pytest.fixture
def big() -> str:
    """The address of a 60 MB video."""
    return publish(b"\0" * 60_000_000)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("headers", ["", "Range: bytes=0-\r\n"], ids=["whole", "range"])
def test_thirty_slow_viewers_hold_up_no_page(big, headers):
    question = f"GET {big} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode()
    with served() as site, contextlib.ExitStack() as stack:
        port = int(site.rpartition(":")[2])
        viewers = [stack.enter_context(socket.socket()) for _ in range(30)]
        for viewer in viewers:
            # A viewer that takes 4 kB now and then; what the system would buffer for it is small.
            viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            viewer.connect(("127.0.0.1", port))
            viewer.settimeout(30)
            viewer.sendall(question)
        for _ in range(20):
            assert [len(viewer.recv(4096)) > 0 for viewer in viewers] == [True] * 30
            with urllib.request.urlopen(site, timeout=30) as page:
                assert page.status == 200
