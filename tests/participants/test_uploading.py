"""The calls a browser makes while it sends a file."""

import io
import json

import pytest
from django.test import Client

from backends import storage_folder, uploads
from contests import reasons
from contests.models import Upload
from tests.factories import make_contest, make_entry, make_upload

pytestmark = pytest.mark.django_db

VIDEO = b"RIFF\x00\x00\x00\x00AVI " + bytes(100)
SIZE = len(VIDEO)


def post(client, path, body=None, **headers):
    data = body if isinstance(body, bytes) else json.dumps(body)
    return client.post(path, data, content_type="application/json", headers=headers)


def create(client, contest, name="a.avi", size=SIZE):
    answer = post(client, f"/concurso/{contest.url}/uploads/", {"filename": name, "size": size})
    assert answer.status_code == 201
    return answer.json()["token"]


def put(client, token, content=VIDEO, number=1):
    signed = client.post(f"/uploads/{token}/parts/{number}/").json()
    return client.put(signed["url"], content, content_type="application/octet-stream")


def told(answer):
    """A refusal's status, code and sentence."""
    return answer.status_code, answer.json()["code"], answer.json()["message"]


def test_create_sign_send_list_complete(client):
    token = create(client, make_contest())
    assert client.get(f"/uploads/{token}/parts/").json() == []
    signed = client.post(f"/uploads/{token}/parts/1/").json()
    assert signed["expires"] == 900
    part = client.put(signed["url"], VIDEO, content_type="video/avi")
    assert part.status_code == 200
    assert client.get(f"/uploads/{token}/parts/").json() == [
        {"PartNumber": 1, "Size": len(VIDEO), "ETag": part["ETag"]}
    ]
    assert client.post(f"/uploads/{token}/complete/").json() == {}
    upload = Upload.objects.get()
    assert (upload.token, upload.state) == (token, Upload.State.COMPLETE)
    assert storage_folder.path_of(upload.key).read_bytes() == VIDEO


def test_a_part_is_read_piece_by_piece_and_may_be_larger_than_django_keeps_in_memory(
    client, settings
):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    content = VIDEO * 10_000  # 1.1 MB
    token = create(client, make_contest(), size=len(content))
    assert put(client, token, content).status_code == 200


def test_completing_twice_and_listing_afterwards(client):
    token = create(client, make_contest())
    put(client, token)
    for _ in range(2):
        assert client.post(f"/uploads/{token}/complete/").status_code == 200
    assert [each["PartNumber"] for each in client.get(f"/uploads/{token}/parts/").json()] == [1]


def test_abort_frees_everything(client, settings):
    token = create(client, make_contest())
    put(client, token)
    assert client.delete(f"/uploads/{token}/").status_code == 204
    assert list((settings.MEDIA_ROOT / "uploads").iterdir()) == []
    assert client.delete(f"/uploads/{token}/").status_code == 404


@pytest.mark.parametrize(
    "method,path",
    [
        ("get", "/uploads/{}/parts/"),
        ("post", "/uploads/{}/parts/1/"),
        ("post", "/uploads/{}/complete/"),
        ("delete", "/uploads/{}/"),
    ],
)
@pytest.mark.parametrize("token", ["unknown", "💥", "%00", "x" * 300])
def test_unknown_tokens_are_told_as_such(client, method, path, token):
    answer = getattr(client, method)(path.format(token))
    assert told(answer)[:2] == (404, "upload_unknown")


def test_an_entrys_upload_belongs_to_the_entry(client):
    upload = make_entry().upload
    for answer in (
        client.get(f"/uploads/{upload.token}/parts/"),
        client.delete(f"/uploads/{upload.token}/"),
    ):
        assert told(answer)[:2] == (404, "upload_unknown")
    assert storage_folder.path_of(upload.key).exists()


@pytest.mark.parametrize("language,told_in", [("es", "es"), ("en-GB", "en"), ("fr", "es")])
def test_refusals_speak_the_visitors_language(language, told_in):
    body = {"filename": "a.avi", "size": 0}
    path = f"/concurso/{make_contest().url}/uploads/"
    answer = post(Client(), path, body, accept_language=language)
    assert told(answer) == (400, "empty_file", reasons.text("empty_file", told_in))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b"[" * 10_000,
        b'{"filename": "a.avi"}',
        b'{"size": 5}',
        b'{"filename": 5, "size": 5}',
        b'{"filename": "a.avi", "size": "5"}',
        b'{"filename": "a.avi", "size": 5.5}',
        b'{"filename": "a.avi", "size": true}',
        b'{"filename": "a.avi", "size": NaN}',
        b'{"filename": "a.avi", "size": ' + b"9" * 5000 + b"}",
        b'{"filename": "' + b"a" * 20_000 + b'.avi", "size": 5}',
    ],
    ids=lambda body: body[:30],
)
def test_what_is_not_understood_is_a_400_with_a_message(client, body):
    answer = post(client, f"/concurso/{make_contest().url}/uploads/", body)
    assert told(answer) == (400, "bad_request", "We did not understand that. Reload the page.")


@pytest.mark.parametrize(
    "size,status,code",
    [
        (0, 400, "empty_file"),
        (-5, 400, "empty_file"),
        (10**19, 400, "file_too_big"),
        (2**31 + 1, 400, "file_too_big"),
    ],
)
def test_sizes_that_are_refused(client, size, status, code):
    body = {"filename": "a.avi", "size": size}
    answer = post(client, f"/concurso/{make_contest().url}/uploads/", body)
    assert told(answer)[:2] == (status, code)


@pytest.mark.parametrize(
    "name",
    ["\"';$(id)`.avi", "a\nb\r\n.avi", "🎬.avi", "é" * 300 + ".avi", "\ud800\0.avi", "../x.avi"],
)
def test_names_of_any_kind_are_accepted(client, name):
    token = create(client, make_contest(), name=name)
    put(client, token)
    assert client.post(f"/uploads/{token}/complete/").status_code == 200


def test_text_named_like_a_video_is_refused_and_dropped(client):
    text = b"Dear jury, here is my film.\n"
    token = create(client, make_contest(), size=len(text))
    put(client, token, text)
    answer = client.post(f"/uploads/{token}/complete/")
    assert told(answer)[:2] == (400, "content_mismatch")
    assert Upload.objects.count() == 0


def test_an_unknown_contest(client):
    answer = post(client, "/concurso/none/uploads/", {"filename": "a.avi", "size": 5})
    assert told(answer) == (404, "contest_unknown", "This contest does not exist.")


def test_a_closed_contest(client):
    contest = make_contest()
    contest.submissions_close = contest.submissions_open
    contest.save()
    answer = post(client, f"/concurso/{contest.url}/uploads/", {"filename": "a.avi", "size": 5})
    assert told(answer)[:2] == (409, "closed_submissions")


def test_a_full_disk(client, settings):
    settings.DISK_RESERVE_BYTES = 10**18
    contest = make_contest()
    answer = post(client, f"/concurso/{contest.url}/uploads/", {"filename": "a.avi", "size": 5})
    assert told(answer)[:2] == (409, "no_space")
    assert Upload.objects.count() == 0


def test_missing_parts(client):
    token = create(client, make_contest())
    answer = client.post(f"/uploads/{token}/complete/")
    assert told(answer)[:2] == (409, "upload_incomplete")


@pytest.mark.parametrize("number", ["0", "2", "99999999999999999999"])
def test_numbers_that_the_file_has_not(client, number):
    token = create(client, make_contest())
    assert told(client.post(f"/uploads/{token}/parts/{number}/"))[:2] == (404, "upload_unknown")


@pytest.mark.parametrize("content", [b"", VIDEO[:-1], VIDEO + b"x"])
def test_parts_of_a_wrong_length(client, content):
    token = create(client, make_contest())
    assert told(put(client, token, content))[:2] == (409, "upload_incomplete")
    assert client.get(f"/uploads/{token}/parts/").json() == []


def test_forged_addresses(client):
    token = create(client, make_contest())
    url = client.post(f"/uploads/{token}/parts/1/").json()["url"]
    for address in (url[:-3] + "abc", "/uploads/parts/nonsense", "/uploads/parts/a:b:c"):
        assert told(client.put(address, VIDEO))[:2] == (403, "bad_request")


def test_an_expired_address_says_so_in_the_words_that_make_uppy_sign_again(client, monkeypatch):
    token = create(client, make_contest())
    monkeypatch.setattr(uploads, "SIGNED_SECONDS", -1)
    answer = put(client, token)
    assert (answer.status_code, answer.content) == (
        403,
        b"<Message>Request has expired</Message>",
    )


def test_a_part_of_an_ended_upload(client):
    token = create(client, make_contest())
    url = client.post(f"/uploads/{token}/parts/1/").json()["url"]
    client.delete(f"/uploads/{token}/")
    assert told(client.put(url, VIDEO))[:2] == (404, "upload_unknown")


def test_only_our_own_pages_may_call_but_a_signed_address_is_enough():
    strict = Client(enforce_csrf_checks=True)
    contest = make_contest()
    body = {"filename": "a.avi", "size": len(VIDEO)}
    assert post(strict, f"/concurso/{contest.url}/uploads/", body).status_code == 403
    assert strict.post(f"/uploads/{make_upload().token}/complete/").status_code == 403
    token = create(Client(), contest)
    url = Client().post(f"/uploads/{token}/parts/1/").json()["url"]
    assert strict.put(url, VIDEO).status_code == 200


def test_a_class_behind_one_address_passes_and_a_flood_does_not(client, settings):
    configured = int(settings.ACCOUNT_RATE_LIMITS["upload"].removesuffix("/h/ip"))
    assert configured >= 90  # thirty pupils with three tries each
    settings.ACCOUNT_RATE_LIMITS = {"upload": "30/h/ip"}
    contest = make_contest()
    for _ in range(30):
        create(client, contest)
    answer = post(client, f"/concurso/{contest.url}/uploads/", {"filename": "a.avi", "size": 5})
    assert told(answer)[:2] == (429, "too_many_requests")


@pytest.mark.parametrize(
    "path", ["/uploads/x/parts/1/", "/uploads/x/complete/", "/concurso/x/uploads/"]
)
def test_looking_at_what_changes_something_is_not_allowed(client, path):
    assert client.get(path).status_code == 405


def test_answers_are_not_kept(client):
    token = create(client, make_contest())
    assert "no-store" in client.get(f"/uploads/{token}/parts/")["Cache-Control"]


class BrokenLine(io.RawIOBase):
    def read(self, size=-1):
        raise ConnectionResetError


def test_a_line_that_breaks_while_an_upload_begins_is_no_fault_of_ours(client):
    broken = {"wsgi.input": BrokenLine(), "CONTENT_LENGTH": "100"}
    answer = client.generic("POST", f"/concurso/{make_contest().url}/uploads/", **broken)
    assert answer.status_code == 400
