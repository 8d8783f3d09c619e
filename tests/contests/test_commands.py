"""The commands for ops."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now
from django.utils import timezone

from backends import queue, storage
from contests import fleet, sample_clips
from contests.models import Contest, Conversion, Entry, State, Worker
from tests.factories import (
    make_contest,
    make_conversion,
    make_entry,
    make_ready_entry,
    make_upload,
)

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
    make_entry(state=State.CANCELLED)  # withdrawn: nothing to see to
    lines = run("conversions").splitlines()
    assert [line.split() for line in lines if line.startswith("dead")] == [["dead", "1"]]
    [row] = [line.split() for line in lines if line.strip().startswith(f"{dead.pk} ")]
    assert row[1:3] + row[-2:] == [str(dead.entry_id), "dead", "disk", "full"]
    assert len(run("conversions", "--all").splitlines()) == len(lines) + 3
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

    def test_dead_letters_go_back_into_the_queue(self):
        queue.send({"nothing": "we know"})
        [message] = queue.receive(1, visibility=60)
        queue.bury(message)
        assert run("redrive", "--dead") == "queued again: 0\ndead letters moved back: 1\n"
        assert queue.depth().visible == 1

    def test_one_entry(self):
        entry, _other = make_entry(state=State.FAILED), make_entry(state=State.FAILED)
        assert run("redrive", "--entry", str(entry.pk)) == "queued again: 1\n"
        assert entry.conversions.get().state == State.QUEUED

    def test_an_unknown_entry_or_no_choice_is_an_error(self):
        with pytest.raises(CommandError, match="no entry 7"):
            run("redrive", "--entry", "7")
        with pytest.raises(CommandError):
            run("redrive")


class TestReconvert:
    def test_a_contest_says_what_it_leaves_alone(self):
        contest = make_contest()
        ready, busy, lost = (make_ready_entry(contest) for _ in range(3))
        make_ready_entry()
        make_entry(contest, state=State.FAILED, withdrawn_at=timezone.now())
        make_conversion(busy, State.RUNNING)
        storage.delete(lost.upload.key)
        left_alone = f"entry {busy.pk}: already on its way\nentry {lost.pk}: its original is gone\n"
        assert run("reconvert", "--contest", contest.url, "--dry-run") == (
            f"{left_alone}would queue: 1\n"
        )
        assert not Conversion.objects.filter(state=State.QUEUED).exists()
        assert run("reconvert", "--contest", contest.url) == f"{left_alone}queued: 1\n"
        assert Conversion.objects.get(state=State.QUEUED).entry == ready

    def test_all_that_was_not_converted_since_a_date(self):
        old, fresh = make_ready_entry(), make_ready_entry()
        Conversion.objects.filter(entry=old).update(finished_at=datetime(2026, 1, 9, tzinfo=UTC))
        Conversion.objects.filter(entry=fresh).update(finished_at=datetime(2026, 1, 10, tzinfo=UTC))
        assert run("reconvert", "--all", "--before", "2026-01-10") == "queued: 1\n"
        assert Conversion.objects.get(state=State.QUEUED).entry == old
        assert run("reconvert", "--all") == f"entry {old.pk}: already on its way\nqueued: 1\n"

    def test_named_entries_that_cannot_be_done_are_an_error(self):
        ready, gone = make_ready_entry(), make_entry(withdrawn_at=timezone.now())
        with pytest.raises(CommandError, match="not all"):
            run("reconvert", "--entry", str(ready.pk), str(gone.pk))
        assert ready.conversions.count() == 2
        with pytest.raises(CommandError, match=f"no entry {gone.pk + 1}, {gone.pk + 2}"):
            run("reconvert", "--entry", str(gone.pk + 2), str(ready.pk), str(gone.pk + 1))

    @pytest.mark.parametrize(
        "options", [[], ["--all", "--entry", "1"], ["--contest", "x"], ["--all", "--before", "May"]]
    )
    def test_a_choice_that_makes_no_sense_is_an_error(self, options):
        with pytest.raises(CommandError):
            run("reconvert", *options)


def test_sweep_says_what_it_did():
    names = "leases mails rung uploads files placed nameless missing workers decks people"
    assert run("sweep") == " ".join(f"{name}=0" for name in names.split()) + "\n"


def test_the_fleets_columns_hold_for_workers_of_many_days():
    fleet.beat("w-1", 2)
    days = {"started_at": Now() - timedelta(days=99), "seen_at": Now() - timedelta(minutes=50)}
    Worker.objects.update(**days)
    lines = run("fleet").splitlines()
    [at] = [number for number, line in enumerate(lines) if line.startswith("WORKER")]
    head, row = lines[at : at + 2]
    ends = [head.index(word) + len(word) for word in ("BUSY", "SEEN", "UP")]
    starts = [0, *ends]
    columns = [row[start:end] for start, end in zip(starts, ends, strict=False)]
    assert columns[0].split() == ["w-1", "silent", "0/2"]
    assert [text.strip() for text in columns[1:]] == ["0:50:00", "2376:00:00"]


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
def test_demo_submits_old_formats_with_votes_and_can_be_repeated(monkeypatch):
    make = sample_clips.make
    monkeypatch.setattr(sample_clips, "make", lambda folder, seconds: make(folder, seconds // 12))
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
