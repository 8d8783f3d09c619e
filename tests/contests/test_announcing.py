"""Preview, announcement, result."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from contests import announcing
from contests.models import Code, Contest, Event, Phase
from contests.ruling import write
from tests.factories import make_contest, owner_of

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ORDER = [
    *("over", "submissions_over", "opens_at_once", "nobody_gets_in", "nobody_submits"),
    *("no_rules", "no_contact", "no_result_date"),
]


def told() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("action", flat=True))


def test_announcing_lets_the_public_in_once_and_ends_the_preview() -> None:
    contest = make_contest(announced_at=None, preview_token="secret")
    assert not Contest.objects.announced().exists()
    assert announcing.announce(contest, owner_of(contest))
    assert not announcing.announce(contest, owner_of(contest))
    assert Contest.objects.announced().get().preview_token == ""
    rows = Event.objects.values_list("contest", "user", "actor", "action")
    assert list(rows) == [(contest.pk, owner_of(contest).pk, "team", "contest_announced")]


def test_a_preview_link_is_made_anew_and_revoked() -> None:
    contest = make_contest(announced_at=None)
    by, tokens = owner_of(contest), []
    assert not announcing.revoke_preview(contest, by)
    for _ in range(2):
        assert announcing.make_preview(contest, by)
        tokens.append(Contest.objects.get().preview_token)
    assert announcing.revoke_preview(contest, by)
    assert ([len(each) for each in tokens], len(set(tokens))) == ([43, 43], 2)
    assert Contest.objects.get().preview_token == ""
    assert told() == ["preview_made", "preview_made", "preview_revoked"]
    assert not any(token in str(Event.objects.values()) for token in tokens)


def test_what_is_announced_has_no_preview() -> None:
    contest = make_contest()
    assert not announcing.make_preview(contest, owner_of(contest))
    assert Contest.objects.get().preview_token == ""


@pytest.mark.parametrize(
    "fields, expected",
    [
        ({}, []),
        ({"submissions_open": -2, "submissions_close": -1, "voting_close": -1}, ["over"]),
        ({"submissions_open": -2, "submissions_close": -1}, ["submissions_over"]),
        ({"submissions_open": -1}, ["opens_at_once"]),
        ({"visibility": "private"}, ["nobody_gets_in"]),
        ({"visibility": "private", "password": make_password("x", hasher="md5")}, []),
        ({"by_invitation": True}, ["nobody_submits"]),
        ({"contact": ""}, ["no_contact"]),
        ({"live_counts": False}, ["no_result_date"]),
        ({"live_counts": False, "results_at": 9}, []),
    ],
)
def test_what_is_odd(fields: dict[str, Any], expected: list[str]) -> None:
    now = timezone.now()
    days = {"submissions_open": 1, "submissions_close": 2, "voting_open": 1, "voting_close": 3}
    moments = {
        name: now + value * DAY for name, value in (days | fields).items() if type(value) is int
    }
    contest = make_contest(**{"contact": "here", "announced_at": None} | fields | moments)
    assert announcing.oddities(contest, now) == sorted(["no_rules", *expected], key=ORDER.index)
    write(contest, owner_of(contest), "Be kind.", [], seen=0)
    assert announcing.oddities(contest, now) == expected


@pytest.mark.parametrize(
    "kind, fields",
    [
        ("enter", {"visibility": "private"}),
        ("vote", {"visibility": "private"}),
        ("submit", {"by_invitation": True}),
    ],
)
def test_codes_count_while_they_open_something(kind: str, fields: dict[str, Any]) -> None:
    contest, now = make_contest(contact="here", **fields), timezone.now()
    write(contest, owner_of(contest), "Be kind.", [], seen=0)
    closed = set(announcing.oddities(contest, now)) - {"opens_at_once"}
    assert len(closed) == 1
    code = Code.objects.create(contest=contest, kind=kind, code="ABCD")
    assert set(announcing.oddities(contest, now)) == {"opens_at_once"}
    for column in ("revoked_at", "expires_at"):
        Code.objects.filter(pk=code.pk).update(**{"revoked_at": None, column: now})
        assert set(announcing.oddities(contest, now)) == {"opens_at_once", *closed}


def test_a_result_is_published_once_voting_is_over_and_taken_back() -> None:
    now = timezone.now()
    contest = make_contest(live_counts=False)
    by, over = owner_of(contest), contest.voting_close
    assert not announcing.publish_result(contest, by, now)
    assert announcing.publish_result(contest, by, over)
    assert not announcing.publish_result(contest, by, over + DAY)
    row = Contest.objects.get()
    assert (row.results_at, row.phase(over), row.shows_counts(over)) == (
        over,
        Phase.PUBLISHED,
        True,
    )
    row.clean()
    assert announcing.take_back_result(contest, by, over)
    assert not announcing.take_back_result(contest, by, over)
    assert not Contest.objects.get().shows_counts(over)
    assert told() == ["result_published", "result_taken_back"]


def test_a_result_that_has_a_date_can_come_earlier() -> None:
    contest = make_contest()
    over = contest.voting_close
    Contest.objects.update(results_at=over + 9 * DAY)
    assert announcing.publish_result(contest, owner_of(contest), over + DAY)
    assert Contest.objects.get().results_at == over + DAY
