"""The browser's calls when files go to S3: abuse is refused or harmless, and S3 may be away."""

import re
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from backends import storage, uploads
from backends.models import Undeleted
from contests import reasons, submitting, sweeping
from contests.models import Contest, Conversion, Entry, Upload
from contests.withdrawing import withdraw
from tests.factories import make_contest, make_ready_entry, make_upload, make_user, picture
from tests.participants.test_uploading import VIDEO, create, post, told
from tests.waiting import until

pytestmark = [pytest.mark.aws, pytest.mark.django_db, pytest.mark.usefixtures("aws")]

PART = 1000  # bytes; so that several parts fit a short test
WHOLE = VIDEO + bytes(2560 - len(VIDEO))  # two parts and a rest
ABOUT = {"title": "T", "first_name": "A", "last_name": "B", "email": "a@example.org"}
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    monkeypatch.setattr(uploads, "PART_BYTES", PART)


def sign(client, token, number):
    answer = client.post(f"/uploads/{token}/parts/{number}/")
    assert answer.status_code == 200
    return answer.json()["url"]


def put(address, body):
    """Send bytes to S3 as a browser does; the status of its answer."""
    request = urllib.request.Request(address, body, method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def send(client, token, content=WHOLE):
    for number in range(1, -(-len(content) // PART) + 1):
        body = content[(number - 1) * PART : number * PART]
        assert put(sign(client, token, number), body) == 200


def complete(client, token):
    return client.post(f"/uploads/{token}/complete/")


def sent(client, content=WHOLE, contest=None):
    """An upload whose parts have all arrived."""
    token = create(client, contest or make_contest(), size=len(content))
    send(client, token, content)
    return token


def stored(upload, tmp_path):
    storage.fetch(upload.key, tmp_path / "stored", upload.version)
    return (tmp_path / "stored").read_bytes()


def versions(aws, key):
    listed = boto3.client("s3").list_object_versions(Bucket=aws.bucket, Prefix=key)
    return len(listed.get("Versions", [])) + len(listed.get("DeleteMarkers", []))


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


def test_an_address_used_again_after_completion_changes_nothing(client, tmp_path):
    token = sent(client)
    address = sign(client, token, 1)
    complete(client, token)
    assert put(address, bytes(PART)) == 404
    assert stored(Upload.objects.get(), tmp_path) == WHOLE
    assert client.post(f"/uploads/{token}/parts/1/").status_code == 404


@pytest.mark.parametrize(
    "change, body",
    [
        (lambda url, other: url.replace(urlsplit(url).path, urlsplit(other).path), bytes(PART)),
        (lambda url, other: url.replace("partNumber=1", "partNumber=2"), bytes(PART)),
        (lambda url, other: re.sub(r"uploadId=[^&]+", upload_id(other), url), bytes(PART)),
        (lambda url, other: re.sub(r"Signature=\w{4}", "Signature=0123", url), bytes(PART)),
        (lambda url, other: url.replace("X-Amz-Expires=900", "X-Amz-Expires=90000"), bytes(PART)),
        (lambda url, other: url, bytes(PART + 1)),
        (lambda url, other: url, bytes(PART - 1)),
        (lambda url, other: url, b""),
    ],
    ids=["key", "part", "upload", "forged", "longer-lived", "longer", "shorter", "empty"],
)
def test_an_address_is_for_one_part_of_one_length_of_one_upload(client, change, body):
    contest = make_contest()
    token, others = create(client, contest, size=2560), create(client, contest, size=2560)
    address = change(sign(client, token, 1), sign(client, others, 1))
    assert put(address, body) == 403
    for each in (token, others):
        assert client.get(f"/uploads/{each}/parts/").json() == []


def upload_id(address):
    return f"uploadId={parse_qs(urlsplit(address).query)['uploadId'][0]}"


def test_an_address_lives_for_a_quarter_of_an_hour(client, monkeypatch):
    token = create(client, make_contest(), size=2560)
    [lives] = parse_qs(urlsplit(sign(client, token, 1)).query)["X-Amz-Expires"]
    assert int(lives) == 900
    monkeypatch.setattr("backends.uploads_s3.SIGNED_SECONDS", 1)
    address = sign(client, token, 1)
    until(lambda: put(address, bytes(PART)) == 403)


def test_another_s_upload_needs_its_token(client):
    contest = make_contest()
    mine, theirs = sent(client, contest=contest), sent(client, contest=contest)
    assert complete(client, mine).status_code == 200
    assert Upload.objects.get(token=theirs).state == Upload.State.OPEN
    backend_id = Upload.objects.get(token=theirs).backend_id
    for guess in (backend_id, Upload.objects.get(token=theirs).key, theirs[:-1]):
        assert complete(client, guess).status_code == 404
    form = {**ABOUT, "upload": theirs[:-1]}
    page = client.post(f"/concurso/{contest.url}/participar/", form)
    assert page.status_code == 200
    assert Entry.objects.count() == 0


@pytest.mark.parametrize("number", [0, 4, 10_001, 2**31, 10**30])
def test_there_are_no_more_parts_than_the_size_that_was_named(client, number):
    token = create(client, make_contest(), size=2560)
    answer = client.post(f"/uploads/{token}/parts/{number}/")
    assert told(answer)[:2] == (404, "upload_unknown")


def test_a_file_of_more_parts_than_s3_takes_is_refused_at_once(client, settings):
    settings.MAX_UPLOAD_BYTES = 10**12
    for size, status in ((10_000 * PART, 201), (10_000 * PART + 1, 400)):
        body = {"filename": "a.avi", "size": size}
        path = f"/concurso/{make_contest().url}/uploads/"
        answer = post(client, path, body)
        assert answer.status_code == status
    assert told(answer)[:2] == (400, "file_too_big")


def test_parts_that_are_missing_or_of_a_wrong_size_do_not_complete(client, aws):
    token = sent(client)
    upload = Upload.objects.get()
    # Past the signed address: with our own key, as S3 would take it.
    named = {"Bucket": aws.bucket, "Key": upload.key, "UploadId": upload.backend_id}
    boto3.client("s3").upload_part(**named, PartNumber=2, Body=bytes(PART - 1))
    assert told(complete(client, token))[:2] == (409, "upload_incomplete")
    boto3.client("s3").upload_part(**named, PartNumber=2, Body=WHOLE[PART : 2 * PART])
    boto3.client("s3").upload_part(**named, PartNumber=4, Body=b"more")
    assert told(complete(client, token))[:2] == (409, "upload_incomplete")
    assert Upload.objects.get().state == Upload.State.OPEN

    token = create(client, make_contest(), size=2560)
    assert put(sign(client, token, 3), WHOLE[2 * PART :]) == 200
    assert told(complete(client, token))[:2] == (409, "upload_incomplete")
    send(client, token)
    assert complete(client, token).status_code == 200


def test_an_object_of_another_size_is_not_taken_for_the_file(client, aws):
    """Somebody with the bucket's keys ended the upload otherwise."""
    token = sent(client)
    upload = Upload.objects.get()
    s3 = boto3.client("s3")
    s3.abort_multipart_upload(Bucket=aws.bucket, Key=upload.key, UploadId=upload.backend_id)
    s3.put_object(Bucket=aws.bucket, Key=upload.key, Body=WHOLE[:-1])
    assert told(complete(client, token))[:2] == (409, "upload_incomplete")


def test_what_is_no_video_is_deleted_in_all_its_versions(client, aws):
    text = b"Dear jury, here is my film.\n" * 100
    token = sent(client, text)
    key = Upload.objects.get().key
    assert told(complete(client, token))[:2] == (400, "content_mismatch")
    assert Upload.objects.count() == 0
    assert versions(aws, key) == 0


def test_the_first_bytes_are_those_of_the_pinned_version(client, aws, monkeypatch):
    token = sent(client)
    upload = Upload.objects.get()
    really = uploads.complete

    def overwritten(*args):
        version = really(*args)
        boto3.client("s3").put_object(Bucket=aws.bucket, Key=upload.key, Body=b"text")
        return version

    monkeypatch.setattr(uploads, "complete", overwritten)
    assert complete(client, token).status_code == 200


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
        client.force_login(contest.organizer)
        page = client.get(f"/organizador/{contest.url}/editar/")
        form: dict[str, Any] = {
            name: value
            for name, value in page.context["form"].initial.items()
            if isinstance(value, str)
        }
        form |= {field.html_name: field.value() for field in page.context["dates"]}
        form["image"] = SimpleUploadedFile("a.jpg", picture(), "image/jpeg")
        s3_at(NOBODY)
        headers = {"accept-language": language}
        answer = client.post(f"/organizador/{contest.url}/editar/", form, headers=headers)
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")
        said = {"es": "Inténtalo de nuevo en un momento.", "en": "Please try again in a moment."}
        assert said[language] in answer.text
        contest.refresh_from_db()
        assert contest.image_key == ""

    def test_a_contest_is_deleted_at_once(self, client, s3_at):
        contest = make_contest(make_user())
        make_upload(contest)
        client.force_login(contest.organizer)
        s3_at(NOBODY)
        answer = client.post(f"/organizador/{contest.url}/borrar/")
        assert answer.status_code == 302
        assert Contest.objects.count() == 0
        assert Undeleted.objects.count() == 1
