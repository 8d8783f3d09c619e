import pytest

from backends import storage, uploads
from contests import converting, submitting
from contests.deleting import delete_contest
from contests.models import Contest, Conversion, Entry, State, Upload
from tests.factories import make_contest, make_entry, make_ready_entry, make_voter, picture, store

pytestmark = pytest.mark.django_db


def test_everything_of_the_contest_goes_and_nothing_else(settings):
    contest, other = make_contest(), make_contest()
    contest.image_key = storage.new_key(storage.CONTEST_IMAGES, ".jpg")
    contest.logo_key = storage.new_key(storage.CONTEST_IMAGES, ".png")
    store(contest.image_key, picture())
    store(contest.logo_key, picture())
    contest.save()
    make_ready_entry(contest)
    make_voter(contest)
    submitting.begin_upload(contest, "a.avi", 1000, contest.submissions_open)
    kept = make_ready_entry(other)
    delete_contest(contest)
    assert list(Contest.objects.all()) == [other]
    assert list(Entry.objects.all()) == [kept]
    assert Upload.objects.count() == Conversion.objects.count() == 1
    keys = {kept.upload.key, *(r.key for r in kept.published.renditions.all())}
    files = {str(p.relative_to(settings.MEDIA_ROOT)) for p in settings.MEDIA_ROOT.rglob("*.*")}
    assert files | {kept.upload.key} == keys
    assert list(settings.MEDIA_ROOT.glob("uploads/*")) == []


def test_a_conversion_under_way_loses_its_lease():
    entry = make_entry(state=State.QUEUED)
    claim = converting.claim(entry.conversions.get().pk, "w")
    delete_contest(entry.contest)
    assert not converting.heartbeat(claim)
    assert not converting.finish(claim, [])


def test_an_upload_under_way_ends():
    contest = make_contest()
    upload = submitting.begin_upload(contest, "a.avi", 1000, contest.submissions_open)
    delete_contest(contest)
    with pytest.raises(FileNotFoundError):
        uploads.list_parts(upload.backend_id, upload.key, 1000)
