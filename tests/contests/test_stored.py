"""Stored files that nothing names go; rows whose file is gone are found."""

import io
import os
import time
from datetime import timedelta

import boto3
import pytest
from django.core.management import call_command
from django.db.models.functions import Now
from django.utils import timezone

from backends import storage, storage_folder, uploads
from backends.models import Undeleted
from contests import snapshot, stored, sweeping, withdrawing
from contests.deleting import delete_contest
from contests.models import Conversion, Entry, Nameless, Rendition, State, SweepLock, Upload
from contests.sweeping import Swept
from tests.factories import (
    make_contest,
    make_conversion,
    make_entry,
    make_ready_entry,
    make_upload,
    store,
)

pytestmark = pytest.mark.django_db
KEYS = [f"{storage.VIDEOS}/{digit * 32}.mp4" for digit in "0123456789"]


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.aws)])
def kind(request):
    """Each test that asks for it runs on both."""
    if request.param == "s3":
        request.getfixturevalue("aws")


@pytest.fixture
def a_day_later(monkeypatch):
    """As if what is nameless had been so for more than a day."""
    monkeypatch.setattr(stored, "GRACE", timedelta(seconds=-60))


def sweep_all() -> Swept:
    """Sweep until the whole list was compared once; add up what was done."""
    SweepLock.objects.update(listing_began=None)
    swept = [sweeping.sweep()]
    while SweepLock.objects.get().listed_to:
        swept.append(sweeping.sweep())
    assert None not in swept
    return Swept(
        nameless=sum(each.nameless for each in swept),
        missing=sum(each.missing for each in swept),
        files=sum(each.files for each in swept),
    )


def exists(key: str) -> bool:
    try:
        return storage.size(key) > 0
    except FileNotFoundError:
        return False


class TestListing:
    def test_is_in_order(self, kind):
        for key in (KEYS[2], KEYS[0], KEYS[1]):
            store(key, b"video")
        store(storage.new_key(storage.POSTERS, ".jpg"), b"poster")
        assert storage.listing("videos_ffmpeg/", "videos_ffmpeg/", 10) == KEYS[:3]

    def test_goes_on_behind_a_key(self, kind):
        for key in KEYS[:4]:
            store(key, b"video")
        assert storage.listing("videos_ffmpeg/", KEYS[0], 2) == KEYS[1:3]
        assert storage.listing("videos_ffmpeg/", KEYS[3], 2) == []

    def test_of_nothing_is_empty(self, kind):
        assert storage.listing("private/contests/", "private/contests/", 10) == []


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
        contest = make_contest(image_key=storage.new_key(storage.CONTEST_IMAGES, ".jpg"))
        store(contest.image_key, b"image")
        entry = make_ready_entry(contest)
        superseded = make_conversion(entry, State.SUCCEEDED, superseded_at=Now())
        old = storage.new_key(storage.VIDEOS, ".mp4")
        store(old, b"old")
        Rendition.objects.create(
            conversion=superseded, kind="mp4", key=old, codec="h264", width=2, height=2, size=3
        )
        named = [contest.image_key, entry.upload.key, make_upload(contest).key, old]
        named += entry.published.renditions.values_list("key", flat=True)
        nameless = [storage.new_key(storage.VIDEOS, ".mp4") for _ in range(3)]
        for key in nameless:
            store(key, b"nobody's")
        assert sweep_all() == Swept(nameless=3)
        assert [exists(key) for key in named] == [True] * 6
        assert [exists(key) for key in nameless] == [False] * 3

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
        Nameless.objects.update(seen_at=Now() - stored.GRACE)
        Upload.objects.filter(pk=upload.pk).update(key=noted)
        sweep_all()
        assert exists(noted)
        assert set(Nameless.objects.values_list("key", flat=True)) == {upload.key, KEYS[0]}

    def test_what_got_a_name_since_the_list_was_made_stays(self, a_day_later):
        upload = make_upload()
        Nameless.objects.create(key=upload.key, seen_at=Now())
        assert stored.delete_nameless() == 0
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
    def nameless(self, monkeypatch):
        monkeypatch.setattr(stored, "MANY", 2)
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
        monkeypatch.setattr(stored, "GRACE", timedelta(hours=1))
        out = io.StringIO()
        call_command("sweep", "--delete-nameless", stdout=out)
        assert out.getvalue() == "deleted: 0; not yet: 3\n"
        assert [exists(key) for key in KEYS[:3]] == [True] * 3

    def test_are_deleted_where_they_are_a_small_share(self, monkeypatch):
        monkeypatch.setattr(stored, "SHARE", 0.75)  # 3 of 4
        assert sweep_all() == Swept(nameless=3)


class TestRounds:
    def test_begin_once_an_hour_and_take_a_sweep_for_each_part(self):
        places = []
        for _ in range(len(stored.PREFIXES) + 2):
            sweeping.sweep()
            places.append(SweepLock.objects.get().listed_to)
        assert places == [*stored.PREFIXES[1:], "", "", ""]
        began = SweepLock.objects.get().listing_began
        SweepLock.objects.update(listing_began=Now() - stored.EVERY)
        sweeping.sweep()
        lock = SweepLock.objects.get()
        assert (lock.listed_to, lock.listing_began >= began) == (stored.PREFIXES[1], True)

    def test_go_on_where_they_were_when_the_storage_is_back(self, monkeypatch):
        def away(*_: object) -> None:
            raise storage.Unavailable

        sweeping.sweep()
        with monkeypatch.context() as broken:
            broken.setattr(storage_folder, "listing", away)
            assert sweeping.sweep() == Swept()
        assert SweepLock.objects.get().listed_to == stored.PREFIXES[1]
        sweeping.sweep()
        assert SweepLock.objects.get().listed_to == stored.PREFIXES[2]


def _withdraw(entry: Entry) -> None:
    withdrawing.withdraw(entry, timezone.now())


class TestMissing:
    def test_a_published_file_is_made_again_once(self, kind):
        entry = make_ready_entry()
        whole = make_ready_entry()
        lost = entry.published.renditions.get(kind="mp4")
        storage.delete(lost.key)
        assert sweep_all() == Swept(missing=1)
        lost.refresh_from_db()
        assert lost.missing_since is not None
        again = entry.conversions.exclude(pk=entry.published_id).get()
        assert (again.state, whole.conversions.count()) == (State.QUEUED, 1)
        Conversion.objects.filter(pk=again.pk).update(state=State.DEAD)  # in vain
        assert sweep_all() == Swept()
        assert entry.conversions.count() == 2

    def test_all_files_of_an_entry_are_made_again_together(self):
        entry = make_ready_entry()
        storage.delete(*entry.published.renditions.values_list("key", flat=True))
        assert sweep_all() == Swept(missing=2)
        assert entry.conversions.filter(state=State.QUEUED).count() == 1

    def test_without_the_original_nothing_is_made_again(self, kind):
        entry = make_ready_entry()
        storage.delete(entry.upload.key, *entry.published.renditions.values_list("key", flat=True))
        assert sweep_all() == Swept(missing=3)
        entry.upload.refresh_from_db()
        assert entry.upload.missing_since is not None
        assert entry.conversions.count() == 1
        assert sweep_all() == Swept()

    def test_what_is_found_again_is_missing_no_more(self):
        entry = make_ready_entry()
        storage.delete(entry.upload.key)
        assert sweep_all() == Swept(missing=1)
        store(entry.upload.key, b"\0source")
        assert sweep_all() == Swept()
        entry.upload.refresh_from_db()
        assert entry.upload.missing_since is None

    def test_what_is_deleted_on_purpose_is_not_missing(self):
        withdrawn = make_ready_entry(withdrawn_at=Now())
        Entry.objects.filter(pk=withdrawn.pk).update(published=None)
        storage.delete(withdrawn.upload.key, *_keys(withdrawn))
        storage.delete(make_upload().key)  # the sweeper drops it as abandoned
        assert sweep_all() == Swept()

    @pytest.mark.parametrize("take_away", [_withdraw, lambda entry: delete_contest(entry.contest)])
    def test_what_is_deleted_while_it_is_looked_for_is_not_missing(
        self, take_away, monkeypatch, caplog
    ):
        entry, size = make_ready_entry(), storage.size
        monkeypatch.setattr(storage_folder, "listing", lambda *_: [])

        def take_away_and_look(key: str) -> int:
            take_away(entry)
            return size(key)

        monkeypatch.setattr(storage, "size", take_away_and_look)
        assert sweep_all() == Swept()
        assert [each.message for each in caplog.records if each.levelname == "ERROR"] == []

    def test_a_file_stored_after_the_list_was_made_is_not_missing(self, monkeypatch):
        entry = make_ready_entry()
        monkeypatch.setattr(storage_folder, "listing", lambda *_: [])
        assert sweep_all() == Swept()
        assert not Upload.objects.exclude(missing_since=None).exists()
        assert entry.conversions.count() == 1

    def test_a_bucket_full_of_them_is_many_sweeps_work(self, monkeypatch):
        monkeypatch.setattr(stored, "_MOST_GONE", 2)
        contest = make_contest()
        for _ in range(5):
            storage.delete(make_entry(contest).upload.key)
        swept: list[int] = []
        while not swept or SweepLock.objects.get().listed_to:
            swept.append(sweeping.sweep().missing)
        assert swept[:4] == [2, 2, 1, 0]

    def test_each_is_asked_for_by_few_queries(self, django_assert_max_num_queries):
        contest = make_contest()
        for _ in range(10):
            make_ready_entry(contest)
        SweepLock.objects.create(pk=1, until=Now())
        with django_assert_max_num_queries(10):
            assert stored.compare() == 0


def _keys(entry: Entry) -> list[str]:
    return list(Rendition.objects.filter(conversion__entry=entry).values_list("key", flat=True))


@pytest.mark.aws
def test_an_abandoned_upload_leaves_no_part_behind(aws):
    contest = make_contest()
    s3 = boto3.client("s3")
    key = storage.new_key(storage.SOURCES)
    under_way = Upload.objects.create(
        contest=contest, backend_id=uploads.create(key, 7), key=key, filename="a.avi", size=7
    )
    s3.upload_part(
        Bucket=aws.bucket, Key=key, UploadId=under_way.backend_id, PartNumber=1, Body=b"7 bytes"
    )
    complete = make_upload(contest)
    fresh = make_upload(contest)
    Upload.objects.exclude(pk=fresh.pk).update(touched_at=Now() - 2 * sweeping.ABANDONED)
    assert sweeping.sweep() == Swept(uploads=2)
    assert list(Upload.objects.all()) == [fresh]
    assert s3.list_multipart_uploads(Bucket=aws.bucket).get("Uploads", []) == []
    left = s3.list_object_versions(Bucket=aws.bucket)
    assert [each["Key"] for each in left["Versions"]] == [fresh.key]
    assert not exists(complete.key)
    assert left.get("DeleteMarkers", []) == []


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
