"""Who did what in a contest, in words."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contests import announcing, auditing, moderating, reconverting, reporting, retrying
from contests.models import Contest, Conversion, Event, State
from contests.withdrawing import withdraw
from organizers import history
from tests.factories import make_contest, make_entry, make_ready_entry, make_user, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def contest(client: Client) -> Contest:
    """A contest whose owner, ada@example.org, is logged in."""
    contest = make_contest(make_user("ada@example.org"), announced_at=None)
    client.force_login(owner_of(contest))
    return contest


def lines(client: Client, contest: Contest, query: str = "", **headers: str) -> list[str]:
    """What the page says, oldest first."""
    path = reverse("organizers:history", args=[contest.url])
    answer = client.get(path + query, headers=headers)
    assert answer.status_code == 200
    return [f"{each.who} {each.what}" for each in reversed(answer.context["lines"])]


def test_says_who_did_what(client, contest):
    ada, staff = owner_of(contest), make_user("staff@example.org")
    announcing.announce(contest, ada)
    entry = make_ready_entry(contest)
    stuck = make_entry(contest, state=State.DEAD)
    reporting.report(entry, "spam", "Secret words")
    done = moderating.reject(contest, {entry.pk: moderating.version(entry)}, ada, "Too long.")
    moderating.undo(contest, done.batch, ada)
    retrying.try_again(Conversion.objects.filter(entry=stuck), staff, "staff")
    reconverting.reconvert(entry)
    withdraw(entry, timezone.now())
    expected = [
        "ada@example.org announced the contest",
        "A visitor reported the video",
        "ada@example.org rejected the video",
        "ada@example.org took a decision on the video back",
        "Staff of the site had the conversion tried again",
        "The service had the video converted again",
        "The author withdrew the video",
    ]
    assert lines(client, contest) == expected
    assert lines(client, contest, f"?who={ada.pk}") == expected[:1] + expected[2:4]
    assert lines(client, contest, "?who=visitor") == expected[1:2]
    assert lines(client, contest, f"?entry={stuck.pk}") == expected[4:5]
    assert lines(client, contest, "?who=x&entry=-1") == expected
    spanish = lines(client, contest, **{"accept-language": "es"})
    assert spanish[-1] == "Quien lo envió retiró el vídeo"


def test_of_another_version_the_name_is_told(client, contest):
    auditing.record(contest, "moon_landed", actor="robot")
    assert lines(client, contest) == ["robot did something else: moon landed"]


def test_says_which_settings_changed(contest):
    changes = {"name": ["a", "b"], "gone_field": [1, 2]}
    event = auditing.record(contest, "contest_changed", changes=changes)
    [line] = history.lines([event])
    assert line.note == "name, gone field"


@pytest.mark.parametrize(
    "action, detail, note",
    [
        ("rules_changed", {"version": 3}, "Version 3"),
        ("category_moved", {"name": "Under 18", "up": True}, "Under 18"),
        ("question_removed", {"name": "Which school?"}, "Which school?"),
    ],
)
def test_says_which_one_it_was(contest, action, detail, note):
    [line] = history.lines([auditing.record(contest, action, **detail)])
    assert line.note == note


def test_every_deed_has_words_even_where_its_details_are_gone(contest):
    events = [
        Event(contest=contest, action=action, at=timezone.now()) for action in history.ACTIONS
    ]
    assert all(line.what for line in history.lines(events))


def test_others_see_nothing(client, contest):
    client.force_login(make_user())
    assert client.get(reverse("organizers:history", args=[contest.url])).status_code == 404
