"""The storage's list, compared part by part with the rows; rows whose file is gone are found."""

import boto3
import pytest
from django.db.models.functions import Now
from django.utils import timezone

from backends import storage, storage_folder, uploads
from contests import stored, sweeping, withdrawing
from contests.deleting import delete_contest
from contests.models import Conversion, Entry, Rendition, State, SweepLock, Upload
from contests.sweeping import Swept
from tests.contests.rounds import KEYS, exists, sweep_all
from tests.factories import (
    make_contest,
    make_entry,
    make_ready_entry,
    make_upload,
    store,
)

pytestmark = pytest.mark.django_db


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
        with django_assert_max_num_queries(12):
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
