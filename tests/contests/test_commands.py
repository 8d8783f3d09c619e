"""The commands for ops."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from backends import queue
from contests.models import Contest, Conversion, Entry, State
from tests.factories import make_contest, make_conversion, make_entry, make_upload

pytestmark = pytest.mark.django_db


def run(*args: str) -> str:
    out = io.StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


class TestSubmitEntry:
    @pytest.fixture
    def video(self, tmp_path: Path) -> Path:
        path = tmp_path / 'a"; $(touch x)\n.avi'
        path.write_bytes(b"RIFF\0\0\0\0AVI ")
        return path

    def submit(self, contest: Contest, path: Path, email: str = "a@example.org") -> str:
        return run("submit_entry", contest.url, str(path), "--title", "T", "--email", email)

    def test_prints_id_and_page(self, video, settings):
        printed = self.submit(make_contest(), video)
        entry = Entry.objects.get()
        assert printed == f"{entry.pk} {settings.WEB_URL}{entry.manage_url}\n"
        assert (entry.title, entry.email, entry.language) == ("T", "a@example.org", "es")
        assert entry.upload.filename == 'a"; $(touch x).avi'
        assert entry.conversions.get().state == State.QUEUED
        assert video.exists()

    @pytest.mark.parametrize("email", ["", "nobody", "a@b", "a@example.org\nBcc: x@y.org"])
    def test_a_wrong_address_is_refused(self, video, email):
        with pytest.raises(CommandError):
            self.submit(make_contest(), video, email)
        assert Entry.objects.count() == 0

    def test_what_is_no_video_is_refused(self, tmp_path):
        path = tmp_path / "a.avi"
        for content in (b"", b"#EXTM3U\n/etc/passwd\n"):
            path.write_bytes(content)
            with pytest.raises(CommandError):
                self.submit(make_contest(), path)
        assert Entry.objects.count() == 0

    def test_a_missing_file_or_contest_is_named(self, video, tmp_path):
        with pytest.raises(CommandError, match="can't be read"):
            self.submit(make_contest(), tmp_path / "none.avi")
        with pytest.raises(CommandError, match="there is no contest 'x'"):
            self.submit(Contest(url="x"), video)


def test_conversions_lists_what_is_not_well():
    make_entry(state=State.SUCCEEDED)
    dead = make_conversion(make_entry(state=State.SUCCEEDED), State.DEAD, error="disk full")
    lines = run("conversions").splitlines()
    assert [line.split() for line in lines if line.startswith("dead")] == [["dead", "1"]]
    [row] = [line.split() for line in lines if line.strip().startswith(f"{dead.pk} ")]
    assert row[1:3] + row[-2:] == [str(dead.entry_id), "dead", "disk", "full"]
    assert len(run("conversions", "--all").splitlines()) == len(lines) + 2
    assert len(run("conversions", "--state", "queued").splitlines()) == len(lines) - 2


class TestRedrive:
    def test_by_state(self):
        make_entry(state=State.FAILED)
        dead = make_entry(state=State.DEAD)
        assert run("redrive", "--dead") == "queued again: 1\n"
        assert dead.conversions.get().state == State.QUEUED
        assert Conversion.objects.filter(state=State.FAILED).count() == 1
        assert run("redrive", "--failed") == "queued again: 1\n"
        assert queue.depth().visible == 2

    def test_one_entry(self):
        entry, _other = make_entry(state=State.FAILED), make_entry(state=State.FAILED)
        assert run("redrive", "--entry", str(entry.pk)) == "queued again: 1\n"
        assert entry.conversions.get().state == State.QUEUED

    def test_an_unknown_entry_or_no_choice_is_an_error(self):
        with pytest.raises(CommandError, match="no entry 7"):
            run("redrive", "--entry", "7")
        with pytest.raises(CommandError):
            run("redrive")


def test_sweep_says_what_it_did():
    assert run("sweep") == "leases=0 mails=0 rung=0 uploads=0\n"


class TestReset:
    def test_deletes_data_and_leaves_strangers_files(self, settings, tmp_path):
        make_upload()
        (settings.DATA / "db.sqlite3").touch()
        (settings.DATA / "notes.txt").touch()
        assert run("reset", "--yes") == "all data deleted\n"
        assert [path.name for path in settings.DATA.iterdir()] == ["notes.txt"]

    def test_asks_first(self, settings, monkeypatch):
        make_upload()
        monkeypatch.setattr("builtins.input", lambda _: "")
        with pytest.raises(CommandError, match="nothing was deleted"):
            run("reset")
        assert settings.MEDIA_ROOT.exists()


@pytest.mark.slow
def test_demo_submits_old_formats_with_votes_and_can_be_repeated():
    run("demo")
    run("demo")
    contest = Contest.objects.get()
    entries = contest.entries.order_by("pk")
    endings = [entry.upload.filename.rsplit(".")[-1] for entry in entries]
    assert endings == ["flv", "wmv", "avi", "avi", "wmv", "flv"]
    assert {entry.choices.count() for entry in entries} == {12}


def test_demo_leaves_somebodys_own_contest_alone():
    make_contest(url="demo")
    with pytest.raises(CommandError, match="somebody's own"):
        run("demo")
