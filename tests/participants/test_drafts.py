"""What is typed while a file travels is kept with its upload."""

import json

import pytest
from django.utils import timezone

from contests import submitting
from contests.models import Upload
from tests.factories import make_contest, make_entry, make_upload
from tests.participants.test_submit import send

pytestmark = pytest.mark.django_db


def put(client, token, body):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.put(f"/uploads/{token}/draft/", body, content_type="application/json")


def test_it_comes_back_with_what_is_known_of_the_file(client):
    upload = submitting.begin_upload(make_contest(), "my film.avi", 5, timezone.now())
    address = f"/uploads/{upload.token}/draft/"
    known = {"complete": False, "filename": "my film.avi", "size": 5, "arrived": 0}
    assert client.get(address).json() == known | {"fields": {}}
    for title in ("The", "The sea 🎬"):
        assert put(client, upload.token, {"title": title, "question_12": "yes"}).status_code == 204
    fields = {"title": "The sea 🎬", "question_12": "yes"}
    assert client.get(address).json() == known | {"fields": fields}
    Upload.objects.update(state=Upload.State.COMPLETE)
    assert client.get(address).json()["complete"] is True
    assert client.get(address).json()["arrived"] == 5


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 100_000,
        [],
        "text",
        {"title": 1},
        {"title": None},
        {"title": {"a": "b"}},
        {"title": "half of \ud83c"},
        {"title": "x" * 5001},
        {"<script>": "x"},
        {"__proto__2": "x"},
        {f"question_{number}": "x" for number in range(101)},
        {f"question_{number}": "x" * 5000 for number in range(40)},
    ],
)
def test_what_is_no_draft_is_refused(client, body):
    upload = make_upload()
    assert put(client, upload.token, body).status_code == 400
    assert Upload.objects.get().draft is None


def test_it_is_gone_once_there_is_an_entry(client):
    contest = make_contest()
    upload = make_upload(contest)
    put(client, upload.token, {"email": "ada@example.org"})
    send(client, contest, upload)
    assert Upload.objects.get().draft is None
    assert put(client, upload.token, {"email": "ada@example.org"}).status_code == 404
    assert client.get(f"/uploads/{upload.token}/draft/").status_code == 404
    assert Upload.objects.get().draft is None


def test_nobody_reads_anothers(client):
    entry = make_entry()
    for token in ("unknown", entry.manage_token, str(entry.upload.pk)):
        assert client.get(f"/uploads/{token}/draft/").status_code == 404
        assert put(client, token, {}).status_code == 404
