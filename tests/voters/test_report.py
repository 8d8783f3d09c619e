"""A visitor reports a video."""

import pytest
from django.urls import reverse

from contests import reasons
from contests.models import Entry, Moderation, Report, Visibility
from tests.factories import make_contest, make_ready_entry, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> Entry:
    return make_ready_entry(title="Waves")


def path(entry: Entry) -> str:
    return reverse("voters:report", args=[entry.contest.url, entry.pk])


def test_from_the_opened_video_to_the_teams_page_without_an_account(client, entry):
    assert client.get(entry.get_absolute_url()).text.count(f'href="{path(entry)}"') == 1
    assert client.get(path(entry)).status_code == 200
    answer = client.post(path(entry), {"reason": "person", "text": "<b>My son"}, follow=True)
    assert answer.redirect_chain == [(entry.get_absolute_url(), 302)]
    client.force_login(owner_of(entry.contest))
    page = reverse("organizers:video", args=[entry.contest.url, entry.pk])
    text = client.get(page).text
    assert (text.count("&lt;b&gt;My son"), text.count("1 report<")) == (1, 1)
    latest = {"latest": Report.objects.get().pk}
    closing = reverse("organizers:dismiss", args=[entry.contest.url, entry.pk])
    assert client.post(closing, latest, follow=True).text.count("The reports are closed.") == 1
    assert client.post(closing, {"latest": "x"}).status_code == 400
    assert not Report.objects.filter(closed_at=None).exists()


@pytest.mark.parametrize("data", [{}, {"reason": "x"}, {"reason": "spam", "text": "y" * 1001}])
def test_nothing_typed_is_lost(client, entry, data):
    answer = client.post(path(entry), data | {"text": data.get("text", "kept")})
    assert answer.status_code == 422
    assert answer.text.count(f"{data.get('text', 'kept')}</textarea>") == 1
    assert not Report.objects.exists()


def test_not_without_end(client, entry, settings):
    settings.ACCOUNT_RATE_LIMITS = {"report": "1/h/ip"}
    assert client.post(path(entry), {"reason": "spam"}).status_code == 302
    answer = client.post(path(entry), {"reason": "spam", "text": "kept"})
    assert answer.status_code == 429
    assert answer.text.count(reasons.text("too_many_requests", "en")) == 1


def test_what_is_not_public_is_unknown(client, entry):
    other = make_contest()
    assert client.get(reverse("voters:report", args=[other.url, entry.pk])).status_code == 404
    Entry.objects.update(moderation=Moderation.REJECTED)
    assert client.get(path(entry)).status_code == 404
    assert client.post(path(entry), {"reason": "spam"}).status_code == 404


def test_nor_what_lies_behind_a_door(client):
    entry = make_ready_entry(make_contest(visibility=Visibility.PRIVATE))
    door = reverse("voters:enter", args=[entry.contest.url])
    assert client.get(path(entry)).url.startswith(door)
    assert client.post(path(entry), {"reason": "spam"}).url == door
    assert not Report.objects.exists()
