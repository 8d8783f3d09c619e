"""A participant's own data: the archive, and having everything erased."""

import io
import json
import zipfile

import pytest

from contests import own_data
from contests.models import Entry, Event
from tests.factories import make_contest, make_entry, make_ready_entry
from tests.personal import SECRET, everything, make_full_entry, over

pytestmark = pytest.mark.django_db


def unpacked(answer) -> dict[str, bytes]:
    """The files in an answered archive, whose checksums are right."""
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    return {name: archive.read(name) for name in archive.namelist()}


def test_the_archive_has_all_we_hold_and_every_file(client):
    entry = make_full_entry(make_contest())
    answer = client.post(f"{entry.manage_url}datos.zip")
    assert answer["Content-Disposition"] == f'attachment; filename="videoshare-{entry.pk}.zip"'
    files = unpacked(answer)
    data = json.loads(files.pop("data.json"))
    assert {name: len(content) > 3 for name, content in files.items()} == {
        "captions-es.vtt": True,
        "original.avi": True,
        "video.mp4": True,
        "poster-1.jpg": True,
    }
    assert (files["original.avi"], files["video.mp4"]) == (b"\0source", b"\0mp4")
    assert (data["first_name"], data["email"]) == (SECRET, f"{SECRET}@example.org")
    assert data["answers"] == [{"question": "Where?", "answer": SECRET, "public": False}]
    assert data["consents"][0]["consents"] == [{"text": "It is mine.", "given": True}]
    assert [each["action"] for each in data["history"]] == [
        "entry_changes_asked",
        "decision_undone",
    ]
    assert data["upload"]["filename"] == f"{SECRET}.avi"


def test_no_secret_of_ours_nor_who_of_the_team_did_something_is_in_it():
    entry = make_full_entry(make_contest())
    text = own_data.as_json(own_data.of_entry(entry))
    team = Event.objects.exclude(user=None).latest("pk").user
    for secret in (entry.manage_token, entry.upload.token, entry.upload.key, team.email):
        assert secret not in text


def test_files_that_are_not_there_are_left_out(client):
    entry = make_entry()
    entry.upload.key = entry.upload.key.replace("a", "b").replace("0", "1")
    entry.upload.save()
    assert list(unpacked(client.post(f"{entry.manage_url}datos.zip"))) == ["data.json"]


def test_gigabytes_again_and_again_are_refused(client):
    entry = make_entry()
    codes = [client.post(f"{entry.manage_url}datos.zip").status_code for _ in range(21)]
    assert codes == [200] * 20 + [429]


def test_asking_says_what_goes_and_changes_nothing(client):
    entry = make_ready_entry()
    page = client.get(f"{entry.manage_url}borrar/")
    assert "The votes it has do not count." in page.content.decode()
    assert Entry.objects.get().erased_at is None
    over(entry.contest)
    page = client.get(f"{entry.manage_url}borrar/")
    assert "the result stays as it was" in page.content.decode()


def test_once_erased_every_page_of_it_says_so_or_is_as_empty(client):
    entry = make_full_entry(make_contest())
    answer = client.post(f"{entry.manage_url}borrar/", follow=True)
    assert "This video and its data are erased" in answer.content.decode()
    assert SECRET.lower() not in everything().lower()
    assert client.get(f"{entry.manage_url}borrar/").headers["Location"] == entry.manage_url
    pages = ("estado/", "cambiar/", "retirar/", "recibo.txt")
    codes = [client.get(f"{entry.manage_url}{page}").status_code for page in pages]
    assert codes == [286, 409, 302, 404]


def test_in_the_ranking_its_place_stays_without_a_name(client):
    entry = make_ready_entry(title="The sea")
    over(entry.contest)
    ranking = f"{entry.contest.get_absolute_url()}ranking/"
    assert "The sea" in client.get(ranking).content.decode()
    client.post(f"{entry.manage_url}borrar/")
    page = client.get(ranking).content.decode()
    assert ("The sea" in page, "by Ada" in page) == (False, False)
    assert page.count("A video whose author had it erased") == 1
    assert client.get(entry.get_absolute_url()).status_code == 404


def test_nobody_else_gets_there(client):
    entry = make_entry()
    for page in ("datos.zip", "borrar/"):
        assert client.post(f"/participar/{entry.pk}/{page}").status_code == 404
    assert Entry.objects.get().erased_at is None
