"""Our signed word that a file arrived."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from contests import receipts, submitting
from contests.models import Upload
from tests.contests.test_submitting import begin, receive
from tests.factories import make_contest, make_entry, make_upload

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
DIGEST = "ab" * 32


def make_receipt():
    contest = make_contest(url="films")
    times = {"first_byte_at": NOON, "completed_at": NOON + timedelta(seconds=90)}
    upload = make_upload(contest, content=b"12345", digest=DIGEST, **times)
    return receipts.of(make_entry(contest, upload=upload))


def test_a_receipt_states_what_arrived_and_when():
    receipt = make_receipt()
    lines = receipts.text(receipt).splitlines()
    assert lines[1:-1] == [
        "contest: films",
        "first byte: 2026-07-01 12:00:00 UTC",
        "complete: 2026-07-01 12:01:30 UTC",
        "bytes: 5",
        f"sha256: {DIGEST}",
    ]
    assert lines[-1].startswith("signature: ")


def test_there_is_none_before_the_file_was_read():
    entry = make_entry()
    assert receipts.of(entry) is None
    receipts.note_digest(entry.pk, DIGEST)
    receipts.note_digest(entry.pk, "cd" * 32)  # the first word stands
    assert Upload.objects.get().digest == DIGEST


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "Hello,\n\n> here: it is\n\n{}\n-- \nAda",
        "\ufeff{}",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_it_is_known_again_in_any_text(around, end):
    receipt = make_receipt()
    text = around.format(receipts.text(receipt)).replace("\n", f" {end} > ")
    assert receipts.find(text) == receipt


def test_a_single_changed_figure_is_seen():
    text = receipts.text(make_receipt())
    for old, new in (("films", "film"), ("12:00:00", "11:00:00"), ("bytes: 5", "bytes: 6")):
        assert receipts.find(text.replace(old, new)) is None
    head, _, signature = text.rpartition(" ")
    assert receipts.find(f"{head} {signature[1:]}") is None
    assert receipts.find(f"{head} ñ") is None


@pytest.mark.parametrize("text", ["", "signature: x", "\0" * 9, ": \n" * 5000, "entry: 1"])
def test_what_is_no_receipt(text):
    with pytest.raises(ValueError, match="no receipt"):
        receipts.find(text)


def test_ops_verify_one_from_a_file_or_a_pipe(tmp_path, capsys, monkeypatch):
    path = tmp_path / "receipt.txt"
    path.write_text(receipts.text(make_receipt()))
    call_command("verify_receipt", str(path))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    call_command("verify_receipt", "-")
    assert capsys.readouterr().out.count("This receipt is ours, and unchanged.") == 2
    path.write_text(path.read_text().replace("films", "movies"))
    for file, words in ((path, "not ours"), (tmp_path, "can't be read"), (__file__, "no receipt")):
        with pytest.raises(CommandError, match=words):
            call_command("verify_receipt", str(file))


def test_an_upload_knows_when_its_first_part_was_signed_and_when_it_was_complete():
    before = timezone.now() - timedelta(seconds=1)
    upload = begin(make_contest())
    receive(upload)
    first = Upload.objects.get().first_byte_at
    submitting.sign_part(upload, 1)
    submitting.complete_upload(upload)
    upload.refresh_from_db()
    assert upload.first_byte_at == first
    assert before < first <= upload.completed_at
