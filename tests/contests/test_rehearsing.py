"""`manage.py rehearse`: a contest played through on the system as it is."""

import io
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from backends.instance import instance_id
from contests import rehearsing, sample_clips
from contests.deleting import delete_contest
from contests.management.commands import rehearse
from contests.models import Contest, Entry, State
from contests.rehearsing import Rehearsal
from tests import media
from tests.factories import make_contest, make_entry, make_ready_entry
from videoshare.children import Child, stop_all


@pytest.fixture
def rehearsal(db):
    with rehearsing.rehearsal(rehearsing.mailbox()) as opened:
        yield opened


def test_nobody_finds_its_contest_on_the_front_page(rehearsal, client):
    page = client.get("/").content.decode()
    assert rehearsal.contest.get_absolute_url() not in page
    assert client.get(rehearsal.contest.get_absolute_url()).status_code == 200


def test_entries_are_submitted_in_turn_by_people_of_their_own(rehearsal):
    clips = [("FLV", media.clip("flv_h264_aac")), ("WMV", media.clip("wmv2"))]
    rehearsal.submit(clips, 3)
    participant = f"rehearsal+{rehearsal.contest.url}-{{}}@videoshare.invalid"
    found = Entry.objects.order_by("pk").values_list("title", "email")
    assert list(found) == [
        ("FLV", participant.format(1)),
        ("WMV", participant.format(2)),
        ("FLV", participant.format(3)),
    ]
    assert rehearsal.states() == {State.QUEUED: 3}
    assert not rehearsal.ended()


def test_all_that_went_well_is_counted(rehearsal):
    entries = [make_ready_entry(rehearsal.contest) for _ in range(2)]
    for entry in entries:
        _mail(entry, tries=2, failures=1, sent=True)
    _mail(make_ready_entry(rehearsal.contest), tries=2, failures=0, sent=True)
    report = rehearsal.report()
    assert (report.lost, report.doubled, report.seconds) == (0, 0, [0.0, 0.0, 0.0])
    assert (report.mails_once, report.mails_twice, report.mails_unsent) == (2, 1, 0)
    assert report.fine


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda entry: _state(entry, State.DEAD), id="lost"),
        pytest.param(lambda entry: entry.conversions.create(**_succeeded(entry)), id="doubled"),
        pytest.param(lambda entry: _mail(entry, tries=1, failures=1, sent=False), id="unsent"),
    ],
)
def test_what_went_wrong_is_noticed(rehearsal, spoil):
    spoil(make_ready_entry(rehearsal.contest))
    assert not rehearsal.report().fine


def _state(entry, state):
    entry.conversions.update(state=state)
    Entry.objects.filter(pk=entry.pk).update(published=None)


def _succeeded(entry):
    row = entry.conversions.get()
    return {"state": State.SUCCEEDED, "queued_at": row.queued_at, "ring_at": row.ring_at}


def _mail(entry, *, tries, failures, sent):
    now = entry.submitted_at
    entry.notification_set.create(
        kind="ready",
        dedup_key=f"ready:{entry.pk}",
        language="es",
        created_at=now,
        due_at=now,
        sent_at=now if sent else None,
        tries=tries,
        failures=failures,
    )


@pytest.mark.django_db(transaction=True)
def test_voters_vote_for_what_is_ready_and_a_lost_vote_is_noticed():
    with rehearsing.rehearsal(rehearsing.mailbox()) as rehearsal:
        for _ in range(6):
            make_ready_entry(rehearsal.contest)
        rehearsal.vote(8)
        report = rehearsal.report()
        assert (report.votes_cast, report.votes_counted) == (40, 40)
        Entry.objects.first().choices.all().delete()
        assert not rehearsal.report().fine


@pytest.mark.django_db
class TestRefused:
    def test_one_at_a_time(self, rehearsal):
        with pytest.raises(CommandError, match="--clear"):
            call_command("rehearse", stdout=io.StringIO())
        assert list(Contest.objects.all()) == [rehearsal.contest]

    def test_over_smtp_it_wants_an_address(self, settings):
        settings.CONFIG = replace(settings.CONFIG, smtp_host="smtp.example")
        with pytest.raises(CommandError, match="--mail-to"):
            call_command("rehearse", stdout=io.StringIO())

    def test_it_kills_no_workers_but_its_own(self):
        with pytest.raises(CommandError, match="--workers"):
            call_command("rehearse", "--workers=0", "--kill-every=9s", stdout=io.StringIO())

    @pytest.mark.parametrize(
        "wrong", ["--entries=0", "--kill-every=soon", "--timeout=0", "--mail-to=me"]
    )
    def test_nonsense_is_refused(self, wrong):
        with pytest.raises(CommandError):
            call_command("rehearse", wrong, stdout=io.StringIO())


def test_what_one_left_is_cleared_and_nothing_else(
    rehearsal, settings, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND = "backends.mail.EmlBackend"
    kept = make_entry(make_contest(), email="me+1@example.org")
    mail.send_mail("kept", "", None, [kept.email])
    other = Rehearsal(rehearsal.contest, "me@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        other.submit([("FLV", media.clip("flv_h264_aac"))], 1)
    assert len(list(settings.MAIL_ROOT.iterdir())) == 2
    rehearsing.clear()
    [left] = settings.MAIL_ROOT.iterdir()
    assert b"Subject: kept" in left.read_bytes()
    assert list(Entry.objects.all()) == [kept]
    with rehearsing.rehearsal(rehearsing.mailbox()):
        pass


def test_nobody_guesses_its_address(rehearsal):
    assert re.fullmatch(r"rehearsal-[0-9a-f]{16}", rehearsal.contest.url)


@pytest.fixture
def sleepers(monkeypatch) -> Iterator[list[Child]]:
    """Processes in place of the rehearsal's own workers."""
    children = [Child("worker", ["sleep", "60"], dict(os.environ), grace=5) for _ in range(3)]
    monkeypatch.setattr(rehearse, "_workers", lambda count: children[:count])
    yield children
    stop_all(children)


def test_whose_worker_is_killed(rehearsal, sleepers):
    """Not a real participant's, nor whose fails too often already."""
    ours, theirs, poor = make_entry(rehearsal.contest), make_entry(), make_entry(rehearsal.contest)
    for entry, worker in zip((ours, theirs, poor), sleepers, strict=True):
        worker.start()
        name = f"{instance_id()}-{worker.process.pid}"
        entry.conversions.update(state=State.RUNNING, worker=name, failures=3 * (entry == poor))
    assert rehearse._victims(sleepers, rehearsal) == sleepers[:1]


def test_workers_stop_before_their_work_is_deleted(db, sleepers, monkeypatch):
    ran: list[Any] = []
    at_deletion: list[Any] = []

    def interrupted(rehearsal: Rehearsal) -> None:
        ran.extend(each.process for each in sleepers[:2])
        raise KeyboardInterrupt

    def deleted(contest: Contest) -> None:
        at_deletion.extend(each.process for each in sleepers[:2])
        delete_contest(contest)

    monkeypatch.setattr(sample_clips, "make", lambda *_: [("FLV", media.clip("flv_h264_aac"))])
    monkeypatch.setattr(Rehearsal, "states", interrupted)
    monkeypatch.setattr(rehearsing, "delete_contest", deleted)
    with pytest.raises(KeyboardInterrupt):
        call_command("rehearse", "--entries=1", "--workers=2", stdout=io.StringIO())
    assert [each.returncode for each in ran] == [-signal.SIGTERM] * 2
    assert at_deletion == [None] * 2


def test_on_ses_mail_goes_to_the_simulator(settings):
    settings.CONFIG = replace(settings.CONFIG, ses_email="hola@videos.example")
    assert rehearsing.mailbox() == "success@simulator.amazonses.com"
