import os
from pathlib import Path

import pytest

from backends import storage

pytestmark = [pytest.mark.usefixtures("kind"), pytest.mark.django_db]
HEX = "59a0c2589e3a4444b126d91e82bf4690"


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.aws)])
def kind(request):
    """Each test runs on both, unless it asks for one."""
    if request.param == "s3":
        request.getfixturevalue("aws")
    return request.param


folder_only = pytest.mark.parametrize("kind", ["folder"], indirect=True)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    path = tmp_path / "made"
    path.write_bytes(b"content")
    return path


def test_what_is_put_can_be_read_and_deleted(made, tmp_path):
    key = storage.new_key(storage.VIDEOS, ".mp4")
    storage.put(made, key)
    storage.fetch(key, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"content"
    assert (storage.size(key), storage.head(key, 4)) == (7, b"cont")
    assert b"".join(storage.chunks(key)) == b"content"
    storage.delete(key)
    storage.delete(key)
    with pytest.raises(FileNotFoundError):
        storage.size(key)


def test_a_copy_is_a_file_of_its_own(made, tmp_path):
    key = storage.new_key(storage.VIDEOS, ".mp4")
    storage.put(made, key)
    new = storage.key_beside(key, private=True)
    assert new.startswith("private/videos_ffmpeg/")
    assert new.endswith(".mp4")
    storage.copy(key, new)
    storage.delete(key)
    assert (storage.size(new), storage.head(new, 9)) == (7, b"content")
    assert storage.key_beside(new, private=False).startswith("videos_ffmpeg/")
    with pytest.raises(FileNotFoundError):
        storage.copy(key, storage.new_key(storage.VIDEOS))


@folder_only
def test_a_copy_needs_no_hard_links(made, monkeypatch):
    def link(*_: object) -> None:
        raise OSError("not here")

    key, new = storage.new_key(storage.VIDEOS), storage.new_key(storage.VIDEOS)
    storage.put(made, key)
    with monkeypatch.context() as other_disk:
        other_disk.setattr(os, "link", link)
        storage.copy(key, new)
    assert storage.head(new, 9) == b"content"


def test_what_is_gone_says_so(tmp_path):
    key = storage.new_key(storage.SOURCES)
    with pytest.raises(FileNotFoundError):
        storage.fetch(key, tmp_path / "copy")
    for ask in (storage.size, lambda key: storage.head(key, 4)):
        with pytest.raises(FileNotFoundError):
            ask(key)


@pytest.mark.parametrize(
    "key",
    [
        "../secret_key",
        "videos/../../secret_key",
        "videos",
        "",
        "/etc/passwd",
        f"other/{HEX}",
        f"private/{HEX}",
        f"private/private/videos/{HEX}",
        f"videos/{HEX}/x",
        f"videos/{HEX}\n",
    ],
)
def test_only_keys_made_here_lead_to_a_file(key):
    with pytest.raises(ValueError, match="not a key"):
        storage.size(key)


@folder_only
def test_the_reserve_is_never_given_away(settings):
    settings.DISK_RESERVE_BYTES = 10**18
    assert storage.free_bytes() == 0


@folder_only
def test_a_storage_that_takes_nothing_is_noticed(settings, tmp_path):
    storage.check()
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        storage.check()
