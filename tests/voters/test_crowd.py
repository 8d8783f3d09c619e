"""Many voters behind one address, and one who pretends to be many."""

import pytest
from django.test import RequestFactory

from accounts import limits
from contests.models import Moderation
from tests.factories import make_entry, make_ready_entry

pytestmark = pytest.mark.django_db


def allowed(action: str, count: int, forwarded: str = "") -> list[bool]:
    """What the limits say to so many requests in a row, each for another mailbox or video."""
    headers = [
        {"X-Forwarded-For": forwarded.format(n=n)} if forwarded else {} for n in range(count)
    ]
    return [
        limits.allow(RequestFactory().post("/", headers=each), action, key=str(number))
        for number, each in enumerate(headers)
    ]


def test_a_school_of_five_hundred_votes_from_behind_one_address():
    assert allowed("confirm_vote", 500) == [True] * 500


@pytest.mark.parametrize(
    "proxies, forwarded",
    [
        (0, "203.0.113.{n}"),  # nobody stands before us, so nobody is believed
        (1, "203.0.113.{n}, 198.51.100.7"),  # the balancer adds the last one, and only that is true
    ],
)
def test_who_makes_up_addresses_is_counted_as_one(settings, proxies, forwarded):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    assert allowed("report", 61, forwarded) == [True] * 60 + [False]


@pytest.mark.parametrize(
    "moderation", [Moderation.PENDING, Moderation.CHANGES, Moderation.REJECTED]
)
def test_what_is_not_approved_takes_no_vote(client, moderation):
    entry = make_ready_entry(moderation=moderation)
    path = f"/concurso/{entry.contest.url}/votar/{entry.pk}/"
    assert client.post(path, {"value": "1"}).status_code == 404


def test_an_entry_takes_no_vote_at_another_contest_s_address(client):
    entry, other = make_ready_entry(), make_entry()
    path = f"/concurso/{other.contest.url}/votar/{entry.pk}/"
    assert client.post(path, {"value": "1"}).status_code == 404
