"""Receipts on the private page, and the page that verifies any."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contests import receipts
from contests.models import State, Upload
from tests.factories import make_entry

pytestmark = pytest.mark.django_db

DIGEST = "ab" * 32


def test_the_private_page_says_that_it_is_being_made_and_then_shows_it(client):
    entry = make_entry(state=State.RUNNING)
    assert b"The receipt is being made" in client.get(entry.manage_url).content
    assert client.get(f"{entry.manage_url}recibo.txt").status_code == 404
    status = f"{entry.manage_url}estado/"
    assert b'id="receipt"' not in client.get(status).content
    Upload.objects.update(digest=DIGEST)
    assert b'id="receipt"' in client.get(status, {"receipt": ""}).content
    assert b'id="receipt"' not in client.get(status, {"receipt": "1"}).content
    assert DIGEST in client.get(entry.manage_url).content.decode()


def test_what_was_kept_is_verified_by_anybody(client):
    entry = make_entry(state=State.FAILED, reason="no_video")
    Upload.objects.update(digest=DIGEST)
    kept = client.get(f"{entry.manage_url}recibo.txt")
    assert kept["Content-Disposition"] == f'attachment; filename="videoshare-{entry.pk}.txt"'
    assert entry.email not in kept.content.decode()
    assert entry.manage_token not in kept.content.decode()
    for given in (
        {"text": kept.content.decode()},
        {"file": SimpleUploadedFile("receipt.txt", kept.content)},
    ):
        page = client.post("/recibo/", given)
        assert b"This receipt is ours" in page.content
        assert DIGEST in page.content.decode()


@pytest.mark.parametrize(
    "given,words",
    [
        ({}, "There is no receipt in it."),
        ({"text": "nonsense\0"}, "Null characters are not allowed."),
        ({"text": "x" * 20_000}, "Ensure this value has at most"),
        ({"file": SimpleUploadedFile("r.txt", b"\xff\0" * 40_000)}, "There is no receipt in it."),
    ],
)
def test_what_is_no_receipt_is_told(client, given, words):
    answer = client.post("/recibo/", given)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_changed_one_is_told(client):
    entry = make_entry()
    Upload.objects.update(digest=DIGEST)
    entry.refresh_from_db()
    text = receipts.text(receipts.of(entry)).replace("sha256: a", "sha256: b")
    answer = client.post("/recibo/", {"text": text})
    assert b"This receipt is not ours, or somebody has changed it." in answer.content
    assert "sha256: b" in answer.content.decode()  # still there to be compared
