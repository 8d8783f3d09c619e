"""Codes that open the form: invitations, and those for latecomers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contests import reasons
from contests.models import Code, Contest, Entry, Upload
from tests.factories import make_code, make_contest, make_upload
from tests.participants.test_submit import errors, page, send

pytestmark = pytest.mark.django_db


def enter(client, contest, code):
    return client.post(f"{page(contest)}codigo/", {"code": code})


def closed(**fields):
    return make_contest(submissions_close=timezone.now() - timedelta(hours=1), **fields)


def begin(client, contest):
    return client.post(
        f"/concurso/{contest.url}/uploads/",
        {"filename": "a.avi", "size": 5},
        content_type="application/json",
    )


def test_by_invitation_the_code_comes_first_and_is_remembered(client):
    contest = make_contest(by_invitation=True)
    code = make_code(contest, code="ABCD2345")
    assert client.get(page(contest))["Location"] == f"{page(contest)}codigo/"
    assert 'value="x-1"' in client.get(f"{page(contest)}codigo/?codigo=x-1").content.decode()
    assert enter(client, contest, "abcd-2345")["Location"] == page(contest)
    assert client.get(page(contest)).status_code == 200
    assert send(client, contest, make_upload(contest)).status_code == 302
    assert Entry.objects.get().code == code


def test_a_code_forgotten_meanwhile_is_asked_for_on_the_form(client):
    contest = make_contest(by_invitation=True)
    code, upload = make_code(contest), make_upload(contest)
    assert errors(send(client, contest, upload)) == {"code": ["This field is required."]}
    unknown = {"code": [reasons.text("code_unknown", "en")]}
    assert errors(send(client, contest, upload, code="nonsense")) == unknown
    assert send(client, contest, upload, code=code.code.lower()).status_code == 302


@pytest.mark.parametrize("typed", ["nonsense", "💥", "'; --", "x" * 40])
def test_a_wrong_code_is_told_and_stays_typed(client, typed):
    answer = enter(client, make_contest(by_invitation=True), typed)
    assert answer.status_code == 422
    assert errors(answer) == {"code": [reasons.text("code_unknown", "en")]}
    assert answer.context["form"]["code"].value() == typed


def test_nobody_guesses_codes(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"code": "3/h/ip"}
    contest = make_contest(by_invitation=True)
    code = make_code(contest)
    told = [errors(enter(client, contest, "nonsense"))["code"] for _ in range(3)]
    assert told == [[reasons.text("code_unknown", "en")]] * 3
    too_many = reasons.text("too_many_requests", "en")
    assert errors(enter(client, contest, code.code)) == {"code": [too_many]}
    answer = send(client, contest, make_upload(contest), code=code.code)
    assert errors(answer)["__all__"] == [too_many]


def test_a_late_code_opens_the_form_after_the_deadline(client):
    contest = closed()
    assert b'name="code"' not in client.get(page(contest)).content
    code = make_code(contest, Code.Kind.LATE)
    assert b'name="code"' in client.get(page(contest)).content
    assert begin(client, contest).status_code == 409
    enter(client, contest, code.code)
    assert b"your code lets you in" in client.get(page(contest)).content
    assert begin(client, contest).status_code == 201
    Upload.objects.update(state=Upload.State.COMPLETE)
    assert send(client, contest, Upload.objects.get()).status_code == 302
    assert Entry.objects.get().code == code


def test_a_revoked_code_closes_it_again(client):
    contest = closed()
    code = make_code(contest, Code.Kind.LATE)
    enter(client, contest, code.code)
    Code.objects.update(revoked_at=timezone.now())
    assert b'name="first_name"' not in client.get(page(contest)).content
    assert begin(client, contest).status_code == 409


def test_in_the_grace_the_form_is_there_for_what_was_begun_in_time(client):
    contest = closed(grace_minutes=90)
    assert b"30\xc2\xa0minutes left" in client.get(page(contest)).content.replace(b"29", b"30")
    assert begin(client, contest).status_code == 409
    early = contest.submissions_close - timedelta(minutes=1)
    assert send(client, contest, make_upload(contest)).status_code == 200
    upload = make_upload(contest, first_byte_at=early)
    assert send(client, contest, upload).status_code == 302


def test_an_invitation_opens_the_form_in_the_grace_too_and_only_when_videos_are_taken(client):
    contest = make_contest(by_invitation=True, grace_minutes=90)
    code, now, shown = make_code(contest), timezone.now(), []
    enter(client, contest, code.code)
    for opens, closes in ((1, 2), (-1, 2), (-3, -1), (-3, -2)):  # hours from now; 90 minutes' grace
        Contest.objects.update(
            submissions_open=now + timedelta(hours=opens),
            submissions_close=now + timedelta(hours=closes),
        )
        shown.append(b'name="first_name"' in client.get(page(contest)).content)
    assert shown == [False, True, True, False]
    Contest.objects.update(submissions_close=now - timedelta(hours=1))
    upload = make_upload(contest, first_byte_at=now - timedelta(hours=2))
    assert send(client, contest, upload).status_code == 302
    assert Entry.objects.get().code == code
