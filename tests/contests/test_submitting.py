import io
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from backends import queue, storage, storage_folder, uploads, uploads_folder
from contests import submitting
from contests.models import Conversion, Entry, Kind, Notification, State, Upload
from contests.reasons import Refused
from tests.factories import make_contest, make_entry, make_upload
from tests.media import clip

pytestmark = pytest.mark.django_db

ABOUT = {
    "title": "The sea",
    "description": "Waves",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@example.org",
}
VIDEO = b"RIFF\x00\x00\x00\x00AVI " + bytes(100)
SIZE = len(VIDEO)


def begin(contest, name="a.avi", size=SIZE, now=None):
    return submitting.begin_upload(contest, name, size, now or timezone.now())


def receive(upload, content=VIDEO, number=1):
    token = submitting.sign_part(upload, number).removeprefix("/uploads/parts/")
    return uploads_folder.receive_part(token, io.BytesIO(content), len(content))


def submit(contest, upload, **changes):
    about = {"language": "es", "now": timezone.now(), **ABOUT, **changes}
    return submitting.submit(contest, upload, **about)


def refusal(action, *args, **kwargs):
    with pytest.raises(Refused) as refused:
        action(*args, **kwargs)
    return refused.value.code


def test_a_file_becomes_an_entry_that_waits_for_conversion():
    contest = make_contest()
    upload = begin(contest)
    receive(upload)
    submitting.complete_upload(upload)
    entry = submit(contest, upload)
    assert storage_folder.path_of(upload.key).read_bytes() == VIDEO
    assert {name: getattr(entry, name) for name in ABOUT} == ABOUT
    conversion = Conversion.objects.get()
    assert (conversion.entry, conversion.state) == (entry, State.QUEUED)
    told = Notification.objects.get()
    assert (told.kind, told.entry, told.language) == (Kind.RECEIVED, entry, "es")


@pytest.mark.django_db(transaction=True)
def test_the_doorbell_rings_after_the_commit():
    contest = make_contest()
    submit(contest, make_upload(contest))
    [message] = queue.receive(10, visibility=1)
    assert message.body == {"conversion": Conversion.objects.get().pk}


def test_a_form_sent_twice_makes_one_entry():
    contest = make_contest()
    upload = make_upload(contest)
    first = submit(contest, upload)
    assert submit(contest, upload, title="Another title") == first
    assert (Entry.objects.count(), Conversion.objects.count()) == (1, 1)
    assert Entry.objects.get().title == "The sea"


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_the_same_moment_makes_one_entry():
    contest = make_contest()
    upload = make_upload(contest)
    start = threading.Barrier(4)

    def once(_):
        start.wait()
        try:
            return submit(contest, upload).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(once, range(4))) == {Entry.objects.get().pk}


def test_a_form_sent_again_after_the_close_still_finds_its_entry():
    contest = make_contest()
    upload = make_upload(contest)
    entry = submit(contest, upload)
    assert submit(contest, upload, now=contest.submissions_close) == entry


@pytest.mark.parametrize(
    "name,code",
    [
        ("notes.txt", "file_type"),
        ("film", "file_type"),
        ("film.avi.exe", "file_type"),
        ("", "file_type"),
        (".avi", "file_type"),
    ],
)
def test_endings_that_are_no_videos_are_refused(name, code):
    assert refusal(begin, make_contest(), name) == code


@pytest.mark.parametrize(
    "name,shown",
    [
        ("FILM.AVI", "FILM.AVI"),
        ("../../etc/passwd.mp4", "passwd.mp4"),
        ("C:\\videos\\film.wmv", "film.wmv"),
        ("\"; $(touch x) `id` 'a.mov", "\"; $(touch x) `id` 'a.mov"),
        ("new\nline\r\n.flv\n", "newline.flv"),
        ("null\0\x1b[31m.avi", "null[31m.avi"),
        ("🎬 película \udcff.mkv", "🎬 película .mkv"),
        ("x" * 300 + ".avi", "x" * 255),
    ],
)
def test_any_name_is_kept_to_be_shown_and_never_becomes_a_key(name, shown):
    upload = begin(make_contest(), name)
    upload.refresh_from_db()
    assert upload.filename == shown
    assert storage_folder.path_of(upload.key).parent.name == storage.SOURCES


@pytest.mark.parametrize(
    "size,code",
    [(0, "empty_file"), (-1, "empty_file"), (2001, "file_too_big"), (10**30, "file_too_big")],
)
def test_sizes_that_are_refused(settings, size, code):
    settings.MAX_UPLOAD_BYTES = 2000
    assert refusal(begin, make_contest(), size=size) == code


def test_what_does_not_fit_is_refused_before_it_starts(settings):
    settings.DISK_RESERVE_BYTES = 10**18
    assert refusal(begin, make_contest()) == "no_space"
    assert Upload.objects.count() == 0


@pytest.mark.parametrize("days", [-2, 2])
def test_outside_the_dates_nothing_begins(days):
    contest = make_contest()
    now = timezone.now() + timedelta(days=days)
    assert refusal(begin, contest, now=now) == "closed_submissions"
    assert refusal(submit, contest, make_upload(contest), now=now) == "closed_submissions"


def test_an_upload_whose_file_has_not_arrived_is_no_entry():
    contest = make_contest()
    upload = begin(contest)
    assert refusal(submitting.complete_upload, upload) == "upload_incomplete"
    assert refusal(submit, contest, upload) == "upload_incomplete"
    assert Entry.objects.count() == 0


def test_another_contests_upload_is_unknown():
    assert refusal(submit, make_contest(), make_upload()) == "upload_unknown"


@pytest.mark.parametrize(
    "content",
    [
        b"This is a letter, not a film.\n",
        b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n",
        b"<html><script>alert(1)</script></html>",
        b"PK\x03\x04\x00\x00",
        b"%PDF-1.7\x00",
        b"\x89PNG\r\n\x1a\n\x00",
        b"\x7fELF\x00",
    ],
)
def test_what_is_no_video_is_refused_as_soon_as_it_has_arrived(content):
    upload = begin(make_contest(), "a.avi", len(content))
    receive(upload, content)
    assert refusal(submitting.complete_upload, upload) == "content_mismatch"
    assert not storage_folder.path_of(upload.key).exists()
    assert Upload.objects.count() == 0


@pytest.mark.parametrize("name", ["flv_h264_aac", "wmv2", "avi_mjpeg_pcm", "mp4", "mkv", "webm"])
def test_real_videos_look_like_videos(name):
    assert submitting.looks_like_video(clip(name).read_bytes()[:4096])


def test_parts_are_listed_until_the_upload_is_an_entry(monkeypatch):
    monkeypatch.setattr(uploads, "PART_BYTES", 60)
    contest = make_contest()
    upload = begin(contest)  # 112 bytes: two parts
    assert submitting.list_parts(upload) == []
    receive(upload, VIDEO[60:], number=2)
    assert [part.number for part in submitting.list_parts(upload)] == [2]
    receive(upload, VIDEO[:60], number=1)
    submitting.complete_upload(upload)
    assert [part.number for part in submitting.list_parts(upload)] == [1, 2]
    submit(contest, upload)
    assert refusal(submitting.list_parts, upload) == "upload_unknown"


def test_completing_again_changes_nothing():
    upload = begin(make_contest())
    receive(upload)
    again = Upload.objects.get(pk=upload.pk)  # as another request read it before
    submitting.complete_upload(upload)
    submitting.complete_upload(upload)
    submitting.complete_upload(again)
    assert Upload.objects.get().state == Upload.State.COMPLETE
    assert storage_folder.path_of(upload.key).read_bytes() == VIDEO


@pytest.mark.parametrize("number", [0, 2, -1, 10**6])
def test_parts_that_the_file_has_not_are_not_signed(number):
    assert refusal(submitting.sign_part, begin(make_contest()), number) == "upload_unknown"


def test_a_complete_upload_takes_no_more_parts():
    assert refusal(submitting.sign_part, make_upload(), 1) == "upload_unknown"


def test_signs_of_life_keep_the_sweeper_away():
    upload = begin(make_contest())
    long_ago = timezone.now() - timedelta(days=30)
    for action in (lambda: submitting.sign_part(upload, 1), lambda: submitting.list_parts(upload)):
        Upload.objects.update(touched_at=long_ago)
        action()
        assert Upload.objects.get().touched_at > long_ago


def test_a_discarded_upload_leaves_nothing():
    upload = begin(make_contest())
    receive(upload)
    submitting.discard_upload(upload)
    assert Upload.objects.count() == 0
    assert refusal(submitting.list_parts, upload) == "upload_unknown"


def test_an_entrys_upload_cannot_be_discarded():
    upload = make_entry().upload
    assert refusal(submitting.discard_upload, upload) == "upload_unknown"
    assert storage_folder.path_of(upload.key).exists()


def test_an_upload_discarded_meanwhile_makes_no_entry():
    contest = make_contest()
    upload = make_upload(contest)
    submitting.discard_upload(Upload.objects.get(pk=upload.pk))
    assert refusal(submit, contest, upload) == "upload_unknown"


def test_ops_submit_a_file_at_any_date(tmp_path):
    contest = make_contest(submissions_close=timezone.now() - timedelta(hours=1))
    path = tmp_path / "film.avi"
    path.write_bytes(VIDEO)
    entry = submitting.submit_file(contest, path, language="en", **ABOUT)
    assert entry.upload.filename == "film.avi"
    assert storage_folder.path_of(entry.upload.key).read_bytes() == path.read_bytes()


def test_ops_submit_no_empty_file_and_no_text(tmp_path):
    contest = make_contest()
    path = tmp_path / "film.avi"
    for content, code in ((b"", "empty_file"), (b"text", "content_mismatch")):
        path.write_bytes(content)
        assert refusal(submitting.submit_file, contest, path, language="en", **ABOUT) == code
    assert Entry.objects.count() == 0


def test_completing_what_is_dropped_at_the_same_moment_leaves_no_file():
    upload = begin(make_contest())
    receive(upload)
    Upload.objects.filter(pk=upload.pk).delete()  # another request, which has the row first
    assert refusal(submitting.complete_upload, upload) == "upload_unknown"
    assert not storage_folder.path_of(upload.key).exists()
