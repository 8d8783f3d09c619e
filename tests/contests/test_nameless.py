"""Stored files that nothing names go, a day after they were first seen so."""

import io
import os
import time
from datetime import timedelta

import boto3
import pytest
from django.core.management import call_command
from django.db.models.functions import Now

from backends import storage, storage_folder
from backends.models import Undeleted
from contests import nameless, snapshot, stored
from contests.models import Nameless, Rendition, State, Upload
from contests.sweeping import Swept
from tests.contests.rounds import KEYS, exists, sweep_all
from tests.factories import (
    make_contest,
    make_conversion,
    make_entry,
    make_ready_entry,
    make_upload,
    store,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def a_day_later(monkeypatch):
    """As if what is nameless had been so for more than a day."""
    monkeypatch.setattr(nameless, "GRACE", timedelta(seconds=-60))


@pytest.mark.usefixtures("a_day_later")
class TestNameless:
    @pytest.mark.parametrize("start", ["", storage.PRIVATE])
    @pytest.mark.parametrize("prefix", [storage.SOURCES, *storage.PUBLIC])
    def test_go_wherever_they_lie(self, prefix, start):
        make_upload()
        key = storage.new_key(prefix, ".mp4", private=bool(start))
        store(key, b"nobody's")
        assert sweep_all() == Swept(nameless=1)
        assert not exists(key)

    def test_go_and_what_is_named_stays(self, kind):
        keys = [storage.new_key(storage.CONTEST_IMAGES, end) for end in (".jpg", ".png")]
        contest = make_contest(image_key=keys[0], logo_key=keys[1])
        for key in keys:
            store(key, b"image")
        entry = make_ready_entry(contest)
        superseded = make_conversion(entry, State.SUCCEEDED, superseded_at=Now())
        old = storage.new_key(storage.VIDEOS, ".mp4")
        store(old, b"old")
        Rendition.objects.create(
            conversion=superseded, kind="mp4", key=old, codec="h264", width=2, height=2, size=3
        )
        named = [*keys, entry.upload.key, make_upload(contest).key, old]
        named += entry.published.renditions.values_list("key", flat=True)
        others = [storage.new_key(storage.VIDEOS, ".mp4") for _ in range(3)]
        for key in others:
            store(key, b"nobody's")
        assert sweep_all() == Swept(nameless=3)
        assert [exists(key) for key in named] == [True] * 7
        assert [exists(key) for key in others] == [False] * 3

    def test_more_than_one_part_of_them(self, kind, monkeypatch):
        monkeypatch.setattr(stored, "PART", 3)
        make_upload()
        for key in KEYS:
            store(key, b"nobody's")
        assert sweep_all() == Swept(nameless=10)
        assert [exists(key) for key in KEYS] == [False] * 10

    def test_what_others_put_there_stays(self, aws):
        make_upload()
        s3 = boto3.client("s3")
        strangers = ["videos/README", "videos_ffmpeg/ñandú.mp4", f"{KEYS[0]}/x", "backup/db.gz"]
        for key in strangers:
            s3.put_object(Bucket=aws.bucket, Key=key, Body=b"theirs")
        assert sweep_all() == Swept()
        left = s3.list_objects_v2(Bucket=aws.bucket)["Contents"]
        assert {each["Key"] for each in left} >= set(strangers)

    def test_a_file_of_somebodys_in_our_folder_stays(self, settings):
        make_upload()
        note = settings.MEDIA_ROOT / "videos" / "NOTE.txt"
        note.write_text("mine")
        assert sweep_all() == Swept()
        assert note.exists()

    def test_what_waits_to_be_deleted_is_not_counted_twice(self, monkeypatch):
        make_upload()
        store(KEYS[0], b"nobody's")
        Undeleted.objects.create(key=KEYS[0])
        monkeypatch.setattr(storage, "delete_again", lambda: 0)
        assert sweep_all() == Swept()

    def test_a_database_that_knows_no_upload_deletes_nothing(self):
        store(KEYS[0], b"of another database")
        assert sweep_all() == Swept()
        assert exists(KEYS[0])


class TestGrace:
    """A day, counted from when the file was first seen nameless, however old it is."""

    def test_begins_when_a_file_is_first_seen_nameless(self):
        make_upload()
        store(KEYS[0], b"nobody's")
        long_ago = time.time() - 30 * 24 * 3600
        os.utime(storage_folder.path_of(KEYS[0]), (long_ago, long_ago))
        for hours, stays in ((0, True), (23, True), (25, False)):
            Nameless.objects.update(seen_at=Now() - timedelta(hours=hours))
            assert sweep_all() == Swept(nameless=not stays)
            assert exists(KEYS[0]) == stays
        assert not Nameless.objects.exists()

    def test_begins_anew_for_what_had_a_name_meanwhile(self):
        upload = make_upload()
        Upload.objects.filter(pk=make_upload().pk).update(key=storage.new_key(storage.SOURCES))
        [noted] = _nameless_after_a_round()
        store(KEYS[0], b"nobody's")
        Nameless.objects.update(seen_at=Now() - nameless.GRACE)
        Upload.objects.filter(pk=upload.pk).update(key=noted)
        sweep_all()
        assert exists(noted)
        assert set(Nameless.objects.values_list("key", flat=True)) == {upload.key, KEYS[0]}

    def test_what_got_a_name_since_the_list_was_made_stays(self, a_day_later):
        upload = make_upload()
        Nameless.objects.create(key=upload.key, seen_at=Now())
        assert nameless.delete() == 0
        assert exists(upload.key)
        assert not Nameless.objects.exists()

    def test_what_is_gone_is_forgotten(self):
        make_upload()
        Nameless.objects.create(key=KEYS[0], seen_at=Now())
        assert sweep_all() == Swept()
        assert not Nameless.objects.exists()


def _nameless_after_a_round() -> list[str]:
    sweep_all()
    return list(Nameless.objects.values_list("key", flat=True))


@pytest.mark.usefixtures("a_day_later")
class TestTooMany:
    """As when the database is an old copy, or another installation's."""

    @pytest.fixture(autouse=True)
    def somebodys(self, monkeypatch):
        monkeypatch.setattr(nameless, "MANY", 2)
        make_upload()
        for key in KEYS[:3]:
            store(key, b"somebody's")

    def test_are_not_deleted_and_ops_are_told(self, caplog):
        assert sweep_all() == Swept()
        assert [exists(key) for key in KEYS[:3]] == [True] * 3
        told = [each for each in caplog.records if each.levelname == "ERROR"]
        assert [each.message for each in told] == [
            "too many stored files are nameless to be deleted unasked"
        ]
        assert snapshot.take().nameless == 3
        out = io.StringIO()
        call_command("fleet", stdout=out)
        assert out.getvalue().count("NAMELESS FILES  3,") == 1

    def test_are_deleted_when_ops_say_so(self):
        sweep_all()
        out = io.StringIO()
        call_command("sweep", "--delete-nameless", stdout=out)
        assert out.getvalue() == "deleted: 3; not yet: 0\n"
        assert [exists(key) for key in KEYS[:3]] == [False] * 3
        assert snapshot.take().nameless is None

    def test_are_deleted_by_ops_after_their_day_only(self, monkeypatch):
        sweep_all()
        monkeypatch.setattr(nameless, "GRACE", timedelta(hours=1))
        out = io.StringIO()
        call_command("sweep", "--delete-nameless", stdout=out)
        assert out.getvalue() == "deleted: 0; not yet: 3\n"
        assert [exists(key) for key in KEYS[:3]] == [True] * 3

    def test_are_deleted_where_they_are_a_small_share(self, monkeypatch):
        monkeypatch.setattr(nameless, "SHARE", 0.75)  # 3 of 4
        assert sweep_all() == Swept(nameless=3)


def test_what_a_worker_left_half_stored_goes_too(a_day_later, monkeypatch, settings, tmp_path):
    entry = make_entry()
    made = tmp_path / "made"
    made.write_bytes(b"half of it")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: os.fstat(-1))
        with pytest.raises(OSError, match="Bad file descriptor"):
            storage.put(made, KEYS[0])
    assert sweep_all().nameless == 1
    files = [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    assert files == [settings.MEDIA_ROOT / entry.upload.key]
