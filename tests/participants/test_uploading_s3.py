"""The browser's calls when files go to S3: the way it goes, and while S3 is away."""

from typing import Any

import boto3
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from backends import storage, uploads
from backends.models import Undeleted
from contests import reasons, submitting, sweeping
from contests.models import Contest, Conversion, Entry, Upload
from contests.withdrawing import withdraw
from tests.factories import (
    make_contest,
    make_ready_entry,
    make_upload,
    make_user,
    owner_of,
    picture,
)
from tests.participants.s3_uploads import (
    ABOUT,
    PART,
    WHOLE,
    complete,
    put,
    sent,
    sign,
    stored,
    versions,
)
from tests.participants.test_uploading import VIDEO, create, post, told

pytestmark = [
    pytest.mark.aws,
    pytest.mark.django_db,
    pytest.mark.usefixtures("aws", "small_parts"),
]

NOBODY = "http://127.0.0.1:9"


def test_the_file_goes_to_s3_and_becomes_an_entry(client, tmp_path):
    contest = make_contest()
    token = sent(client, contest=contest)
    listed = client.get(f"/uploads/{token}/parts/").json()
    assert [(each["PartNumber"], each["Size"]) for each in listed] == [
        (1, 1000),
        (2, 1000),
        (3, 560),
    ]
    for _ in range(2):
        assert complete(client, token).status_code == 200
    upload = Upload.objects.get()
    assert upload.version
    for _ in range(2):
        submitting.submit(contest, upload, language="en", now=timezone.now(), **ABOUT)
    assert (Entry.objects.count(), Conversion.objects.count()) == (1, 1)
    assert stored(upload, tmp_path) == WHOLE


def test_our_own_addresses_for_files_are_not_there(client, settings):
    settings.S3_BUCKET = ""
    token = create(client, make_contest())
    own = client.post(f"/uploads/{token}/parts/1/").json()["url"]
    shown = storage.public_url(make_ready_entry().published.renditions.first().key)
    assert client.get(shown).getvalue() == b"\0mp4"
    settings.S3_BUCKET = "bucket"
    assert client.put(own, VIDEO).status_code == 404
    assert client.get(shown).status_code == 404


def test_what_is_dropped_leaves_nothing(client, aws):
    token = sent(client)
    upload = Upload.objects.get()
    assert client.delete(f"/uploads/{token}/").status_code == 204
    with pytest.raises(FileNotFoundError):
        uploads.list_parts(upload.backend_id, upload.key, 2560)
    assert versions(aws, upload.key) == 0


class TestWhileS3IsAway:
    """Each call is refused in the visitor's language, and works once S3 is back."""

    @pytest.mark.parametrize("language", ["es", "en"])
    def test_an_upload_waits_and_goes_on(self, client, aws, s3_at, tmp_path, language):
        contest = make_contest()
        token = create(client, contest, size=2560)
        addresses = [sign(client, token, number) for number in (1, 2, 3)]
        assert put(addresses[0], WHOLE[:PART]) == 200

        s3_at(NOBODY)
        headers = {"accept-language": language}
        refusals = [
            post(
                client,
                f"/concurso/{contest.url}/uploads/",
                {"filename": "a.avi", "size": 5},
                **headers,
            ),
            client.get(f"/uploads/{token}/parts/", headers=headers),
            client.post(f"/uploads/{token}/complete/", headers=headers),
        ]
        text = reasons.text("unavailable", language)
        assert [told(each) for each in refusals] == [(503, "unavailable", text)] * 3
        assert sign(client, token, 2)  # asks nobody
        assert Upload.objects.count() == 1

        s3_at(boto3.client("sqs").meta.endpoint_url)
        assert [each["PartNumber"] for each in client.get(f"/uploads/{token}/parts/").json()] == [1]
        for number in (2, 3):
            body = WHOLE[(number - 1) * PART : number * PART]
            assert put(sign(client, token, number), body) == 200
        assert complete(client, token).status_code == 200
        assert stored(Upload.objects.get(), tmp_path) == WHOLE

    def test_between_completing_and_looking(self, client, s3_at, monkeypatch):
        token = sent(client)

        def away(*_):
            raise storage.Unavailable

        with monkeypatch.context() as patched:
            patched.setattr(storage, "head", away)
            assert complete(client, token).status_code == 503
        assert complete(client, token).status_code == 200

    def test_dropping_an_upload_forgets_it_and_deletes_later(self, client, s3_at, aws):
        token = sent(client)
        complete(client, token)
        key = Upload.objects.get().key
        s3_at(NOBODY)
        assert client.delete(f"/uploads/{token}/").status_code == 204
        s3_at(boto3.client("sqs").meta.endpoint_url)
        assert versions(aws, key) == 1
        assert sweeping.sweep().files == 1
        assert versions(aws, key) == 0

    def test_a_withdrawal_is_one_at_once(self, s3_at, aws):
        entry = make_ready_entry()
        keys = [entry.upload.key, *entry.published.renditions.values_list("key", flat=True)]
        s3_at(NOBODY)
        withdraw(entry, timezone.now())
        assert set(Undeleted.objects.values_list("key", flat=True)) == set(keys)
        s3_at(boto3.client("sqs").meta.endpoint_url)
        assert sweeping.sweep().files == 3
        assert [versions(aws, key) for key in keys] == [0, 0, 0]

    @pytest.mark.parametrize("language", ["es", "en"])
    def test_a_contest_s_image_has_to_wait(self, client, s3_at, language):
        contest = make_contest()
        client.force_login(owner_of(contest))
        form: dict[str, Any] = {"name": contest.name, "url": contest.url}
        form["image"] = SimpleUploadedFile("a.jpg", picture(), "image/jpeg")
        s3_at(NOBODY)
        headers = {"accept-language": language}
        answer = client.post(f"/organizador/{contest.url}/ajustes/", form, headers=headers)
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")
        said = {"es": "Inténtalo de nuevo en un momento.", "en": "Please try again in a moment."}
        assert said[language] in answer.text
        contest.refresh_from_db()
        assert contest.image_key == ""

    def test_a_contest_is_deleted_at_once(self, client, s3_at):
        contest = make_contest(make_user())
        make_upload(contest)
        client.force_login(owner_of(contest))
        s3_at(NOBODY)
        answer = client.post(f"/organizador/{contest.url}/borrar/")
        assert answer.status_code == 302
        assert Contest.objects.count() == 0
        assert Undeleted.objects.count() == 1
