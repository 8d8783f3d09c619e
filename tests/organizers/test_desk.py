"""One contest as its organizer sees it."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contests.models import Contest
from contests.withdrawing import withdraw
from tests.factories import make_contest, make_ready_entry, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def contest(client: Client) -> Contest:
    """A contest whose organizer is logged in."""
    contest = make_contest()
    client.force_login(owner_of(contest))
    return contest


def page(client: Client, contest: Contest, query: str = "", **headers: str) -> str:
    path = reverse("organizers:contest", args=[contest.url])
    return client.get(path + query, headers=headers).content.decode()


def test_a_withdrawn_video_is_counted_as_such(client: Client, contest: Contest) -> None:
    entry = make_ready_entry(contest, title="The river")
    withdraw(entry, timezone.now())
    assert page(client, contest).count("Withdrawn: <strong>1</strong>") == 1


def test_the_number_of_queries_does_not_grow(
    client: Client, contest: Contest, django_assert_num_queries
) -> None:
    for _ in range(5):
        make_ready_entry(contest)
    path = reverse("organizers:contest", args=[contest.url])
    # session, person, contest, role, votes, states, stuck
    with django_assert_num_queries(7):
        client.get(path)


def test_dates_are_on_the_contests_clock(client: Client, contest: Contest) -> None:
    contest.zone = "America/Bogota"
    contest.submissions_open = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
    contest.save()
    text = page(client, contest)
    assert "Feb. 28, 2026, 10 p.m." in text
    assert "Time zone: America/Bogota" in text


def test_an_empty_contest_says_what_to_do(client: Client, contest: Contest) -> None:
    text = page(client, contest)
    assert "Send people the contest's address" in text
    assert f"http://testserver/concurso/{contest.url}/" in text
