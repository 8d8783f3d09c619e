"""The team submits videos for others: the calls that the page makes."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contests import submitting
from contests.models import Contest, Entry, Moderation, Notification, Role, State, Upload
from tests.factories import make_contest, make_member, make_upload, make_user, owner_of

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def draft() -> Contest:
    """A contest that nobody can submit to: it is a draft, and it is over."""
    past = timezone.now().replace(year=2020, microsecond=0)
    names = ("submissions_open", "submissions_close", "voting_open", "voting_close")
    dates: dict[str, Any] = dict.fromkeys(names, past)
    return make_contest(announced_at=None, moderated=True, **dates)


@pytest.fixture
def team(client: Client, draft: Contest) -> Client:
    client.force_login(make_member(draft, Role.MODERATOR).user)
    return client


def begin(client: Client, contest: Contest, filename: str = "sea.mov", size: int = 5) -> Any:
    path = reverse("participants:team_upload_create", args=[contest.url])
    body = json.dumps({"filename": filename, "size": size})
    return client.post(path, body, content_type="application/json")


def send(client: Client, contest: Contest, upload: Upload, **changes: str) -> Any:
    fields = {"title": "The sea", "first_name": "Ada", "upload": upload.token}
    return client.post(reverse("organizers:others", args=[contest.url]), fields | changes)


def read(client: Client, contest: Contest, text: str) -> Any:
    file = SimpleUploadedFile("list.csv", text.encode())
    return client.post(reverse("organizers:others_list", args=[contest.url]), {"list": file})


def test_a_member_uploads_and_submits_at_any_date_for_who_has_no_email(team, draft):
    answer = begin(team, draft)
    assert answer.status_code == 201
    upload = Upload.objects.get(token=answer.json()["token"], by_team=True)
    Upload.objects.update(state=Upload.State.COMPLETE)
    answers = [send(team, draft, upload) for _ in range(2)]
    entry = Entry.objects.get()  # sent twice, made once
    page = reverse("organizers:video", args=[draft.url, entry.pk])
    assert [(each.status_code, each.json()) for each in answers] == [(200, {"url": page})] * 2
    assert (entry.title, entry.email, entry.moderation) == ("The sea", "", Moderation.PENDING)
    assert entry.conversions.get().state == State.QUEUED
    [event] = draft.events.filter(action="entry_submitted")
    by = draft.team.get(role=Role.MODERATOR).user
    assert (event.entry, event.user, entry.submitted_by) == (entry, by, by)
    assert Notification.objects.count() == 0
    again = begin(team, draft)
    assert (again.status_code, again.json()["code"]) == (400, "already_sent")
    assert begin(team, draft, size=6).status_code == 201


def test_others_find_nothing_here(draft):
    stranger, nobody = Client(), Client()
    stranger.force_login(make_user())
    upload = make_upload(draft, by_team=True)
    for client, status in ((stranger, 404), (nobody, 302)):
        assert begin(client, draft).status_code == 404
        assert send(client, draft, upload).status_code == status
        assert read(client, draft, "file\na.mov").status_code == status
    assert (Entry.objects.count(), Upload.objects.count()) == (0, 1)


def test_what_is_no_upload_of_this_team_is_unknown(team, draft):
    for upload in (make_upload(draft), make_upload(by_team=True), Upload(token="💥")):
        answer = send(team, draft, upload)
        assert (answer.status_code, answer.json()["code"]) == (409, "upload_unknown")
    upload = make_upload(draft, by_team=True, state=Upload.State.OPEN)
    assert send(team, draft, upload).json()["code"] == "upload_incomplete"
    assert Entry.objects.count() == 0


def test_what_is_wrong_is_said_by_field(team, draft):
    upload = make_upload(draft, by_team=True)
    wrong = {"title": " ", "first_name": "x" * 61, "email": "ada@example", "category": "Fiction"}
    answer = send(team, draft, upload, **wrong)
    assert (answer.status_code, answer.json()) == (
        422,
        {
            "errors": {
                "title": ["This field is required."],
                "first_name": ["Ensure this value has at most 60 characters (it has 61)."],
                "email": ["Enter a valid email address."],
                "category": ["There is no category “Fiction”."],
            }
        },
    )


def test_an_address_gets_its_mails_but_not_hundreds(team, draft, settings):
    settings.ACCOUNT_RATE_LIMITS = {"submit": "1/h/key"}
    one, two = make_upload(draft, by_team=True), make_upload(draft, by_team=True)
    assert send(team, draft, one, email="ada@example.org").status_code == 200
    assert Notification.objects.get().entry.email == "ada@example.org"
    assert send(team, draft, two, email="Ada@example.org").json()["code"] == "too_many_requests"
    assert send(team, draft, two).status_code == 200


def test_a_list_is_read_against_the_contest(team, draft):
    draft.categories.create(name="Ficción")
    lines = ["archivo;título;correo;Categoría;peso", "a.mov;A;ada@example;FICCIÓN;3", "b.mov;;;No;"]
    answer = read(team, draft, "\n".join([*lines, ";C;;;", "A.MOV;A;;;"]))
    a = {"title": "A", "email": "ada@example", "category": "Ficción"}
    b = {"title": "", "email": "", "category": "No"}
    email, category = ["Enter a valid email address."], ["There is no category “No”."]
    assert answer.json() == {
        "rows": [
            {"line": 2, "file": "a.mov", "values": a, "errors": {"email": email}},
            {"line": 3, "file": "b.mov", "values": b, "errors": {"category": category}},
        ],
        "problems": [[4, "It names no file."], [5, "It names the same file as line 2."]],
        "unused": ["peso"],
    }


def test_a_long_list_costs_no_more_queries(team, draft, django_assert_num_queries):
    draft.categories.create(name="Fiction")
    for count in (1, 20):
        rows = [f"{number}.mov,ada@example.org,fiction" for number in range(count)]
        with django_assert_num_queries(4):  # who is it, by session; which contest; its categories
            answer = read(team, draft, "\n".join(["file,email,category", *rows]))
        assert len(answer.json()["rows"]) == count


@pytest.mark.parametrize("text", ["", "title\nA", "file,archivo\na,b", 'file\n"a'])
def test_what_is_no_list_is_refused_with_a_sentence(team, draft, text):
    answer = read(team, draft, text)
    assert (answer.status_code, [*answer.json()]) == (422, ["message"])


def test_the_owner_sees_the_page(client, draft):
    client.force_login(owner_of(draft))
    page = client.get(reverse("organizers:others", args=[draft.url]))
    assert page.status_code == 200
    assert page.context["max_bytes"] == submitting.max_bytes(draft)


def test_once_people_are_to_be_forgotten_nobody_is_taken_in(team, draft):
    upload = make_upload(draft, by_team=True)
    now = timezone.now()
    dates = {"submissions_open": now - 4 * DAY, "submissions_close": now - 3 * DAY}
    dates |= {"voting_open": now - 3 * DAY, "voting_close": now - 2 * DAY}
    Contest.objects.update(retention_days=1, **dates)
    for answer in (begin(team, draft), send(team, draft, upload)):
        assert (answer.status_code, answer.json()["code"]) == (409, "closed_submissions")
    assert Entry.objects.count() == 0
