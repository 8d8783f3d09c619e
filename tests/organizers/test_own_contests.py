"""An organizer's list, and that nobody gets at another's contest."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contests.models import Contest, Member, Role, State
from organizers import settings_views
from tests.factories import make_contest, make_entry, make_ready_entry, make_user, owner_of

pytestmark = pytest.mark.django_db

LIST = reverse("organizers:contests")
SETTINGS = [f"organizers:{name}" for name, _ in settings_views.SECTIONS]
PAGES_OF_ONE = ["organizers:contest", "organizers:delete", *SETTINGS]


def names(client: Client, query: str = "") -> list[str]:
    return [card["contest"].name for card in client.get(LIST + query).context["cards"]]


def test_lists_own_contests_newest_first(client: Client) -> None:
    ada = make_user()
    make_contest(ada, name="first")
    make_contest(ada, name="second")
    make_contest(name="another's")
    client.force_login(ada)
    assert names(client) == ["second", "first"]


def test_counts_videos_by_state(client: Client) -> None:
    contest = make_contest()
    make_ready_entry(contest)
    make_ready_entry(contest)
    make_entry(contest, state=State.DEAD)
    client.force_login(owner_of(contest))
    (card,) = client.get(LIST).context["cards"]
    assert card["overview"].states == {State.SUCCEEDED: 2, State.DEAD: 1}
    parts = [(part.state, part.count, part.x, part.width) for part in card["bar"]]
    assert parts == [(State.SUCCEEDED, 2, "0.00", "66.67"), (State.DEAD, 1, "66.67", "33.33")]


def test_says_what_to_do_when_there_is_none(client: Client) -> None:
    client.force_login(make_user())
    assert "Create your first contest" in client.get(LIST).content.decode()


def test_turns_pages(client: Client) -> None:
    ada = make_user()
    for number in range(13):
        make_contest(ada, name=f"contest {number}")
    client.force_login(ada)
    assert len(names(client)) == 12
    assert names(client, "?page=2") == ["contest 0"]
    assert names(client, "?page=nonsense") == names(client)


def test_says_when_there_is_little_room(client: Client, settings) -> None:
    user = make_user()
    make_contest(user)
    client.force_login(user)
    text = "Room is running short. Left for new videos: 0 bytes."
    settings.DISK_RESERVE_BYTES = settings.MAX_UPLOAD_BYTES = 0
    assert text not in client.get(reverse("organizers:contests")).content.decode()
    settings.DISK_RESERVE_BYTES, settings.MAX_UPLOAD_BYTES = 10**18, 1
    assert text in client.get(reverse("organizers:contests")).content.decode()


def test_asks_the_database_as_often_for_many_as_for_one(client: Client, django_assert_num_queries):
    ada = make_user()
    for _ in range(3):
        make_entry(make_contest(ada))
    client.force_login(ada)
    # session, person, count, contests, votes, states, invitations
    with django_assert_num_queries(7):
        client.get(LIST)


@pytest.mark.parametrize("name", PAGES_OF_ONE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_anothers_contest_does_not_exist(client: Client, name: str, method: str) -> None:
    contest = make_contest()
    client.force_login(make_user())
    response = getattr(client, method)(reverse(name, args=[contest.url]))
    expected = 405 if (name, method) == ("organizers:contest", "post") else 404
    assert response.status_code == expected
    assert Contest.objects.get() == contest


@pytest.mark.parametrize("name", PAGES_OF_ONE)
def test_an_unknown_contest_looks_the_same(client: Client, name: str) -> None:
    client.force_login(make_user())
    assert client.get(reverse(name, args=["no-such-contest"])).status_code == 404


@pytest.mark.parametrize("name", [each for each in PAGES_OF_ONE if each != "organizers:contest"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_moderators_change_no_settings(client: Client, name: str, method: str) -> None:
    contest, moderator = make_contest(), make_user()
    Member.objects.create(contest=contest, user=moderator, role=Role.MODERATOR)
    client.force_login(moderator)
    assert getattr(client, method)(reverse(name, args=[contest.url])).status_code == 404
    assert client.get(reverse("organizers:contest", args=[contest.url])).status_code == 200


@pytest.mark.parametrize("name", PAGES_OF_ONE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_visitor_logs_in_first(client: Client, name: str, method: str) -> None:
    path = reverse(name, args=[make_contest().url])
    response = getattr(client, method)(path)
    assert response.status_code == 302
    assert response.headers["Location"] == f"{reverse('account_login')}?next={path}"
    assert Contest.objects.count() == 1


def test_a_contests_phase_is_said(client: Client) -> None:
    now = timezone.now()
    contest = make_contest(
        submissions_open=now + timedelta(days=1), submissions_close=now + timedelta(days=2)
    )
    client.force_login(owner_of(contest))
    assert "Not open yet" in client.get(LIST).content.decode()
