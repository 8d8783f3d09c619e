"""The browser's calls when files go to S3: abuse is refused or harmless."""

import re
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from backends import uploads
from contests.models import Entry, Upload
from tests.factories import make_contest
from tests.participants.s3_uploads import (
    ABOUT,
    PART,
    WHOLE,
    complete,
    put,
    send,
    sent,
    sign,
    stored,
    versions,
)
from tests.participants.test_uploading import create, post, told
from tests.waiting import until

pytestmark = [
    pytest.mark.aws,
    pytest.mark.django_db,
    pytest.mark.usefixtures("aws", "small_parts"),
]


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
