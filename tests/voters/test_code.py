"""Voting with a code from a sheet of paper."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contests import issuing
from contests.models import Choice, Code, Contest, Entry, Visibility, Voter
from tests.factories import make_code, make_contest, make_ready_entry, make_user, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> Entry:
    return make_ready_entry(title="The sea")


@pytest.fixture
def contest(entry: Entry) -> Contest:
    return entry.contest


def address(contest: Contest) -> str:
    return reverse("voters:code", args=[contest.url])


def type_in(client: Client, code: Code, query: str = "") -> Any:
    return client.post(address(code.contest) + query, {"code": code.code})


def vote(client: Client, entry: Entry, value: int = 1) -> Any:
    path = reverse("voters:vote", args=[entry.contest.url, entry.pk])
    return client.post(path, {"value": str(value)})


def choices() -> list[tuple[int, int]]:
    """Of each choice the code it was made with, and the value."""
    return list(Choice.objects.order_by("pk").values_list("ballot__voter__code", "value"))


def test_a_code_votes_and_is_the_same_ballot_elsewhere(client, entry, contest):
    code = make_code(contest, Code.Kind.VOTE)
    came = type_in(client, code, f"?video_id={entry.pk}")
    assert came["Location"] == entry.get_absolute_url()
    vote(client, entry)
    elsewhere = Client()
    type_in(elsewhere, code)
    assert 'aria-pressed="true"' in elsewhere.get(entry.get_absolute_url()).text
    vote(elsewhere, entry, -1)
    assert choices() == [(code.pk, -1)]


def test_the_next_person_at_this_browser_is_another_voter(client, entry, contest):
    codes = [make_code(contest, Code.Kind.VOTE) for _ in range(2)]
    for code in codes:
        type_in(client, code)
        vote(client, entry)
        assert "Next person" in client.get(contest.get_absolute_url()).text
        gone = client.post(reverse("voters:forget", args=[contest.url]))
        assert gone["Location"] == address(contest)
    assert choices() == [(code.pk, 1) for code in codes]
    asked = vote(client, entry)
    assert (asked.status_code, "vote with a code" in asked.text) == (200, True)


def test_a_code_typed_goes_before_who_is_logged_in(client, entry, contest):
    code = make_code(contest, Code.Kind.VOTE)
    client.force_login(make_user())
    type_in(client, code)
    vote(client, entry)
    assert choices() == [(code.pk, 1)]
    client.post(reverse("voters:forget", args=[contest.url]))
    vote(client, entry)
    assert choices() == [(code.pk, 1), (None, 1)]


def test_without_codes_nobody_is_asked_for_one(client, entry):
    make_code(entry.contest)
    assert "vote with a code" not in vote(client, entry).text


@pytest.mark.parametrize("typed", ["nonsense", "", "\0", "💥", "x" * 41])
def test_a_wrong_code_stays_typed(client, contest, typed):
    answer = client.post(address(contest), {"code": typed})
    assert answer.status_code == 422
    assert answer.context["form"]["code"].value() == typed
    assert Voter.objects.count() == 0


def test_guessing_ends_and_a_class_votes(client, contest, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"guess": "2/h/key"}
    codes = [make_code(contest, Code.Kind.VOTE) for _ in range(5)]
    assert [type_in(client, code).status_code for code in codes] == [302] * 5
    for _ in range(2):
        client.post(address(contest), {"code": "wrong"})
    assert "too many requests" in type_in(client, codes[0]).text
    other = make_code(make_contest(), Code.Kind.VOTE)  # of another contest: a limit of its own
    assert type_in(client, other).status_code == 302


def test_a_revoked_or_outdated_code_votes_no_more(client, entry, contest):
    for change in ("revoke", "expire"):
        code = make_code(contest, Code.Kind.VOTE)
        type_in(client, code)
        if change == "revoke":
            issuing.revoke(contest, [code.pk], owner_of(contest), timezone.now())
        else:
            Code.objects.filter(pk=code.pk).update(expires_at=timezone.now())
        assert "Your e-mail" in vote(client, entry).text
        assert type_in(client, code).status_code == 422
    assert choices() == []


def test_a_code_opens_a_private_contest_too(client, entry, contest):
    contest.visibility = Visibility.PRIVATE
    contest.save()
    code = make_code(contest, Code.Kind.VOTE)
    page = client.get(address(contest))
    assert (page.status_code, "The sea" in page.text) == (200, False)
    type_in(client, code)
    vote(client, entry)
    assert choices() == [(code.pk, 1)]
    issuing.revoke(contest, [code.pk], owner_of(contest), timezone.now())
    assert client.get(contest.get_absolute_url()).status_code == 302


def test_typing_a_code_changes_the_session_s_key(client, contest):
    client.post(reverse("set_language"), {"language": "en"})
    planted = client.cookies["sessionid"].value
    type_in(client, make_code(contest, Code.Kind.VOTE))
    assert client.cookies["sessionid"].value != planted


def test_pupils_at_one_computer_have_orders_of_their_own(client, contest):
    for _ in range(12):
        make_ready_entry(contest)
    client.post(reverse("set_language"), {"language": "en"})  # a session, which keeps the first's
    orders = set()
    for _ in range(6):
        type_in(client, make_code(contest, Code.Kind.VOTE))
        page = client.get(contest.get_absolute_url()).text
        orders.add(tuple(re.findall(r'id="votes-(\d+)"', page)))
    assert len(orders) > 1


def test_a_draft_takes_no_code(client, contest):
    Contest.objects.update(announced_at=None)
    assert client.get(address(contest)).status_code == 404
