"""The pages on which a contest goes public, and on which it is duplicated."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contests.models import Contest, Event, Member, Role
from tests.factories import make_contest, make_user, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(client: Client) -> Contest:
    """A draft whose owner is logged in."""
    contest = make_contest(url="river", announced_at=None)
    client.force_login(owner_of(contest))
    return contest


def path(name: str) -> str:
    return reverse(f"organizers:{name}", args=["river"])


def test_announcing_asks_and_says_what_is_odd(client: Client, draft: Contest, settings) -> None:
    page = client.get(path("announce"))
    assert [str(text) for text in page.context["oddities"]] == [
        "Submissions are open from the moment you announce it.",
        "It has no rules yet.",
        "It does not say how people reach you.",
    ]
    assert f"{settings.WEB_URL}/concurso/river/" in page.text
    assert not Contest.objects.announced().exists()
    answer = client.post(path("announce"))
    assert answer.headers["Location"] == path("contest")
    assert Contest.objects.announced().exists()
    assert client.get(path("announce")).headers["Location"] == path("contest")
    assert client.post(path("announce")).headers["Location"] == path("contest")
    assert Event.objects.count() == 1


def test_a_preview_link_works_until_it_is_revoked(client: Client, draft: Contest) -> None:
    links = []
    for do in ("make", "make", "revoke"):
        assert client.post(path("preview"), {"do": do}).headers["Location"] == path("announce")
        links.append(client.get(path("announce")).context["preview_url"])
    assert (links[0] != links[1], links[2]) == (True, "")
    client.post(path("preview"), {"do": "make"})
    link = client.get(path("announce")).context["preview_url"]
    visitor = Client()
    assert [visitor.get(each).status_code for each in (links[0], links[1], link)] == [404, 404, 200]


def test_a_result_is_published_and_taken_back(client: Client) -> None:
    contest, now = make_contest(url="river"), timezone.now()
    client.force_login(owner_of(contest))
    page = client.post(path("result"), {"do": "publish"}, follow=True).text
    assert "The result can be published once voting is over." in page
    assert "Publish the result now" not in page
    contest.submissions_close = contest.voting_close = now - timedelta(hours=1)
    contest.save()
    assert "Publish the result now" in client.get(path("dates")).text
    page = client.post(path("result"), {"do": "publish"}, follow=True).text
    assert "The result is public since" in page
    assert Contest.objects.get().results_at >= now
    page = client.post(path("result"), {"do": "take_back"}, follow=True).text
    assert "The result gets public when you publish it." in page
    assert Contest.objects.get().results_at is None


def test_a_duplicate_is_a_draft_to_be_looked_at(client: Client) -> None:
    contest = make_contest(url="river")
    client.force_login(owner_of(contest))
    assert client.get(path("duplicate")).status_code == 200
    assert Contest.objects.count() == 1
    answer = client.post(path("duplicate"))
    assert answer.headers["Location"] == reverse("organizers:basics", args=["river-2"])
    assert Contest.objects.get(url="river-2").announced_at is None
    assert client.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize("name", ["announce", "preview", "result", "duplicate"])
def test_moderators_and_strangers_find_nothing(client: Client, draft: Contest, name: str) -> None:
    moderator = make_user()
    Member.objects.create(contest=draft, user=moderator, role=Role.MODERATOR)
    for user in (moderator, make_user()):
        client.force_login(user)
        assert client.post(path(name)).status_code == 404
    row = Contest.objects.get()
    assert (row.announced_at, row.preview_token, row.results_at) == (None, "", None)
