"""The form."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from contests import reasons, submitting
from contests.models import Entry
from tests.factories import make_contest, make_entry, make_upload

pytestmark = pytest.mark.django_db

ABOUT = {
    "title": "The sea",
    "description": "Waves",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@example.org",
}


def page(contest):
    return f"/concurso/{contest.url}/participar/"


def send(client, contest, sent=None, **changes):
    fields = {**ABOUT, "upload": sent.token if sent else "", **changes}
    return client.post(page(contest), fields)


def shown(answer):
    return html.unescape(answer.content.decode())


def errors(answer):
    return {field: list(found) for field, found in answer.context["form"].errors.items()}


def test_the_form_gives_the_script_what_it_needs(client, settings):
    settings.MAX_UPLOAD_BYTES = 123_456_789
    contest = make_contest()
    answer = client.get(page(contest))
    text = shown(answer)
    assert f'data-create="/concurso/{contest.url}/uploads/"' in text
    assert 'data-max-bytes="123456789"' in text
    assert 'data-part-bytes="5242880"' in text
    assert "csrftoken" in answer.cookies
    assert all(f".{each}" in text for each in submitting.EXTENSIONS)


def test_an_entry_is_made_and_leads_to_its_private_page(client):
    contest = make_contest()
    upload = make_upload(contest)
    answer = send(client, contest, upload)
    entry = Entry.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, entry.manage_url)
    assert {name: getattr(entry, name) for name in ABOUT} == ABOUT
    assert (entry.contest, entry.upload, entry.language) == (contest, upload, "en")


def test_the_entry_remembers_the_language_it_was_sent_in(client):
    contest = make_contest()
    fields = {**ABOUT, "upload": make_upload(contest).token}
    client.post(page(contest), fields, headers={"accept-language": "es"})
    assert Entry.objects.get().language == "es"


def test_sent_twice_it_is_one_entry_with_one_page(client):
    contest = make_contest()
    upload = make_upload(contest)
    places = [send(client, contest, upload)["Location"] for _ in range(2)]
    places.append(send(client, contest, upload, title="")["Location"])
    contest.submissions_close = contest.submissions_open
    contest.save()
    places.append(send(client, contest, upload)["Location"])
    assert places == [Entry.objects.get().manage_url] * 4


def test_errors_lose_neither_fields_nor_file(client):
    contest = make_contest()
    upload = make_upload(contest, filename="my <film>.avi")
    answer = send(client, contest, upload, title=" ", email="nonsense")
    assert errors(answer) == {
        "title": ["This field is required."],
        "email": ["Enter a valid email address."],
    }
    text = answer.content.decode()
    assert "Not submitted yet" in text
    assert f'value="{upload.token}"' in text
    assert "my &lt;film&gt;.avi" in text
    assert 'value="Lovelace"' in text
    assert "Waves" in text
    assert Entry.objects.count() == 0


def test_without_a_file_the_page_asks_for_it(client):
    answer = send(client, make_contest())
    assert errors(answer) == {"upload": ["Choose your video."]}
    assert "Choose your video." in shown(answer)


def test_a_file_that_is_still_on_its_way(client):
    contest = make_contest()
    upload = submitting.begin_upload(contest, "a.avi", 5, timezone.now())
    answer = send(client, contest, upload)
    assert errors(answer) == {"upload": [reasons.text("upload_incomplete", "en")]}


@pytest.mark.parametrize("token", ["unknown", "\0", "💥" * 500])
def test_an_upload_nobody_knows(client, token):
    answer = send(client, make_contest(), upload=token)
    assert list(errors(answer)) == ["upload"]
    assert Entry.objects.count() == 0


def test_another_contests_upload_and_entry_stay_where_they_are(client):
    entry = make_entry()
    answer = send(client, make_contest(), entry.upload)
    assert list(errors(answer)) == ["upload"]
    assert list(Entry.objects.all()) == [entry]


@pytest.mark.parametrize(
    "field,value",
    [
        ("title", "x" * 121),
        ("description", "x" * 2001),
        ("first_name", "x" * 61),
        ("last_name", ""),
        ("email", "a@b"),
        ("title", "null\0"),
    ],
)
def test_fields_that_are_refused(client, field, value):
    contest = make_contest()
    answer = send(client, contest, make_upload(contest), **{field: value})
    assert (answer.status_code, list(errors(answer))) == (200, [field])
    assert Entry.objects.count() == 0


@pytest.mark.parametrize(
    "value", ["\"'; $(id) `id`", "🎬 <script>alert(1)</script>", "a\u202eb\ud800"]
)
def test_words_of_any_kind_are_kept_and_shown_as_words(client, value):
    contest = make_contest()
    value = value.encode("utf-8", "replace").decode()
    answer = send(client, contest, make_upload(contest), title=value)
    private = client.get(answer["Location"]).content.decode()
    assert Entry.objects.get().title == value
    assert "<script>alert" not in private


def test_closed_between_opening_the_page_and_sending_it(client):
    contest = make_contest()
    upload = make_upload(contest)
    contest.submissions_close = contest.submissions_open
    contest.save()
    answer = send(client, contest, upload)
    assert errors(answer)["__all__"] == [
        "The contest is not taking videos at this time. See its page for the opening dates."
    ]
    assert f'value="{upload.token}"' in shown(answer)
    assert Entry.objects.count() == 0


@pytest.mark.parametrize(
    "opens,headline",
    [
        (timedelta(days=1), "The contest is not taking videos yet"),
        (timedelta(days=-9), "The contest is no longer taking videos"),
    ],
)
def test_outside_the_dates_a_page_tells_them_in_the_contests_zone(client, opens, headline):
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    contest = make_contest(
        zone="Asia/Tokyo",
        submissions_open=timezone.now() + opens,
        submissions_close=timezone.now() + opens + timedelta(days=2),
    )
    text = " ".join(shown(client.get(page(contest))).split())
    assert headline in text
    assert "Asia/Tokyo" in text
    contest.submissions_open, contest.submissions_close = noon, noon + timedelta(hours=1)
    contest.save()
    text = " ".join(shown(client.get(page(contest))).split())
    times = re.findall(r'<time datetime="(.+?)">(.+?)</time>', text)
    assert times == [
        ("2026-07-01T21:00:00+09:00", "July 1, 2026, 9 p.m."),
        ("2026-07-01T22:00:00+09:00", "July 1, 2026, 10 p.m."),
    ]


def test_an_unknown_contest(client):
    assert client.get("/concurso/none/participar/").status_code == 404
    assert client.post("/concurso/none/participar/", ABOUT).status_code == 404


def test_other_methods_are_not_allowed(client):
    assert client.put(page(make_contest())).status_code == 405


def test_nobodys_mailbox_is_flooded(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"submit": "2/h/key"}
    contest = make_contest()
    for _ in range(2):
        assert send(client, contest, make_upload(contest)).status_code == 302
    upload = make_upload(contest)
    answer = send(client, contest, upload, email=ABOUT["email"].upper())
    assert errors(answer) == {"__all__": [reasons.text("too_many_requests", "en")]}
    assert upload.token in shown(answer)  # nothing is lost
    assert send(client, contest, upload, email="other@example.org").status_code == 302
