"""Mails as they are read: real .eml files, parsed again."""

import email
import email.policy
import re
import smtplib
import socket
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from contests import confirming, mine, notifying
from contests.models import Kind, Notification, State
from tests.factories import (
    make_contest,
    make_entry,
    make_invitation,
    make_ready_entry,
    make_voter,
)

pytestmark = pytest.mark.django_db

# Everything a user may have written; none of it goes into a mail.
WRITTEN: dict[str, Any] = {
    "title": "Buy cheap pills",
    "description": "at pills.example",
    "first_name": "Mallory",
    "last_name": "Pillseller",
}


@pytest.fixture(autouse=True)
def _files(settings):
    settings.EMAIL_BACKEND = "backends.mail.EmlBackend"
    settings.WEB_URL = "https://videoshare.example"


def mails(settings):
    """All mails that were sent, oldest first."""
    return [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in sorted(settings.MAIL_ROOT.glob("*.eml"))
    ]


def text(message, kind="plain"):
    return message.get_body((kind,)).get_content()


def notify(kind, key="key", language="en", **about):
    notifying.notify(kind, key, language=language, **about)
    return Notification.objects.get(dedup_key=key)


def about(kind):
    """Whom a mail of this kind is about, with the path its link leads to."""
    contest = make_contest(name="Pills Inc.", description="Pills")
    if kind == Kind.CONFIRM_VOTE:
        return {
            "voter": make_voter(contest, verified=False),
            "entry": make_entry(contest),
            "choice": 1,
        }
    if kind == Kind.VOTER_DATA:
        return {"voter": make_voter(contest)}
    if kind == Kind.TEAM_INVITATION:
        return {"invitation": make_invitation(contest)}
    if kind == Kind.FAILED:
        return {"entry": make_entry(contest, state=State.FAILED, reason="not_media", **WRITTEN)}
    return {"entry": make_ready_entry(contest, **WRITTEN)}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", Kind)
def test_every_mail_has_its_link_in_text_and_html_and_no_words_of_users(settings, kind, language):
    people = about(kind)
    notify(kind, language=language, **people)
    assert notifying.send_due() == 1
    [mail] = mails(settings)
    to = people.get("voter") or people.get("invitation") or people["entry"]
    assert mail["To"] == to.email
    paths = {
        link
        for part in (text(mail), text(mail, "html"))
        for link in re.findall(r"https://videoshare\.example(/[^\s\"<]*)", part)
    }
    [path] = paths
    if kind == Kind.CONFIRM_VOTE:
        assert path.startswith("/votar/confirmar/")
    elif kind == Kind.VOTER_DATA:
        assert confirming.read_data_link(path.split("/")[3]) == people["voter"]
    elif kind == Kind.TEAM_INVITATION:
        assert path == people["invitation"].get_absolute_url()
    elif kind == Kind.MINE:
        assert mine.read(path.split("/")[2]) == [people["entry"]]
    else:
        assert path == people["entry"].manage_url
    everything = mail["Subject"] + text(mail) + text(mail, "html")
    assert [each for each in ("pill", "Pill", "Mallory") if each in everything] == []
    assert f'<html lang="{language}">' in text(mail, "html")
    assert "{" not in everything
    assert "&#" not in mail["Subject"] + text(mail)


def test_a_failed_video_says_why_and_what_to_do_in_the_participants_language(settings):
    for language in ("es", "en"):
        notify(Kind.FAILED, key=language, language=language, **about(Kind.FAILED))
    notifying.send_due()
    spanish, english = mails(settings)
    assert "El archivo no es un vídeo, aunque su nombre lo parezca." in text(spanish)
    assert "The file is not a video, whatever its name says." in text(english)
    assert "The file is not a video, whatever its name says." in text(english, "html")


def test_a_video_published_in_part_says_so(settings):
    notify(Kind.READY, key="whole", **about(Kind.READY))
    people = about(Kind.READY)
    people["entry"].conversions.update(reason="partial")
    notify(Kind.READY, key="part", **people)
    notifying.send_due()
    note = "We could not read a part of the original file"
    whole, part = mails(settings)
    assert [note in text(mail) for mail in (whole, part)] == [False, True]
    assert note in text(part, "html")


def test_each_kind_has_a_subject_of_its_own(settings):
    for kind in Kind:
        notify(kind, key=kind, **about(kind))
    notifying.send_due()
    assert {mail["Subject"] for mail in mails(settings)} == {
        "We have your video",
        "Your video is ready",
        "We could not convert your video",
        "Your video is approved",
        "Your videos",
        "Your votes",
        "Confirm your vote",
        "Help to run a video contest",
    }


@pytest.mark.django_db(transaction=True)
def test_a_mail_leaves_with_the_commit_it_speaks_of_and_never_without(settings):
    entry = make_entry()
    with transaction.atomic():
        notifying.notify(Kind.RECEIVED, "kept", entry=entry, language="en")
        assert mails(settings) == []
    assert len(mails(settings)) == 1
    with transaction.atomic():
        notifying.notify(Kind.RECEIVED, "rolled back", entry=entry, language="en")
        transaction.set_rollback(True)
    assert len(mails(settings)) == 1


def test_what_happens_twice_is_told_once(settings):
    entry = make_entry()
    for _ in range(2):
        notify(Kind.RECEIVED, key="received:1", entry=entry)
        notifying.send_due()
    assert (len(mails(settings)), Notification.objects.count()) == (1, 1)
    assert Notification.objects.get().sent_at is not None


def test_a_mail_that_another_process_is_sending_is_left_alone(settings):
    notification = notify(Kind.RECEIVED, entry=make_entry())
    Notification.objects.update(due_at=timezone.now() + timedelta(seconds=60))
    assert not notifying._send(notification.pk)
    assert (notifying.send_due(), mails(settings)) == (0, [])


def test_a_mail_server_that_is_down_is_tried_again_later(settings):
    files = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = nobody_listens.getsockname()[1]
        notify(Kind.RECEIVED, entry=make_entry())
        assert notifying.send_due() == 0
        assert notifying.send_due() == 0  # not due yet: not tried, not counted
    waiting = Notification.objects.get()
    assert (waiting.failures, waiting.sent_at) == (1, None)
    assert waiting.due_at > timezone.now()

    settings.EMAIL_BACKEND = files
    Notification.objects.update(due_at=Now())
    assert notifying.send_due() == 1
    assert len(mails(settings)) == 1


@pytest.mark.parametrize(
    "error, counted",
    [(smtplib.SMTPDataError(451, b"later"), 1), (TimeoutError(), 0)],
)
def test_only_a_refusal_counts_as_one_but_every_try_makes_the_next_wait_longer(
    monkeypatch, error, counted
):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("backends.mail.EmlBackend.send_messages", fail)
    notify(Kind.RECEIVED, entry=make_entry())
    for tries in (1, 2, 3):
        Notification.objects.update(due_at=Now())
        assert notifying.send_due() == 0
        row = Notification.objects.get()
        assert (row.tries, row.failures) == (tries, counted * tries)
        waits = Notification.objects.filter(
            due_at__gt=Now() + timedelta(seconds=15 * 2**tries - 10)
        )
        assert waits.exists()


def test_the_log_names_no_address(settings, monkeypatch, caplog):
    def refuse(*_, **__):
        raise smtplib.SMTPRecipientsRefused({"ada@example.org": (550, b"unknown")})

    monkeypatch.setattr("backends.mail.EmlBackend.send_messages", refuse)
    notify(Kind.RECEIVED, entry=make_entry(email="ada@example.org"))
    notifying.send_due()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "ada@example.org" not in caplog.text


def test_hopeless_mails_are_given_up():
    notify(Kind.RECEIVED, entry=make_entry())
    Notification.objects.update(tries=notifying._MAX_TRIES)
    assert notifying.send_due() == 0


def test_a_mail_about_what_was_deleted_just_now_is_dropped(settings, monkeypatch):
    notification = notify(Kind.RECEIVED, entry=make_entry())
    update = QuerySet.update

    def claim_and_lose(rows, **changes):
        claimed = update(rows, **changes)
        Notification.objects.all().delete()
        return claimed

    monkeypatch.setattr(QuerySet, "update", claim_and_lose)
    assert not notifying._send(notification.pk)
    assert mails(settings) == []
