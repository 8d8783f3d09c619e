"""One contest as its organizer sees it."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contests.models import Contest, State
from contests.withdrawing import withdraw
from tests.factories import make_contest, make_entry, make_ready_entry, owner_of

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


def test_shows_authors_to_their_organizer(client: Client, contest: Contest) -> None:
    make_ready_entry(contest, title="The river", email="ada+river@example.org")
    text = page(client, contest)
    assert text.count("Ada Lovelace") == 1
    assert text.count('<a href="mailto:ada%2Briver@example.org">ada+river@example.org</a>') == 1


def test_links_a_ready_video_to_its_public_page(client: Client, contest: Contest) -> None:
    entry = make_ready_entry(contest, title="The river")
    link = f'<a href="{reverse("voters:contest", args=[contest.url])}?video_id={entry.pk}">'
    assert page(client, contest).count(f"{link}The river</a>") == 1


def test_says_why_a_video_was_refused_in_the_organizers_language(
    client: Client, contest: Contest
) -> None:
    make_entry(contest, state=State.FAILED, reason="no_video")
    assert "The file holds only sound." in page(client, contest)
    assert "El archivo solo tiene sonido." in page(client, contest, **{"accept-language": "es"})


def test_says_that_a_video_is_there_in_part(client: Client, contest: Contest) -> None:
    make_entry(contest, state=State.SUCCEEDED, reason="partial")
    assert page(client, contest).count("We could not read a part of the original file") == 1


def test_a_withdrawn_video_is_counted_as_such_and_leads_nowhere(
    client: Client, contest: Contest
) -> None:
    entry = make_ready_entry(contest, title="The river")
    withdraw(entry, timezone.now())
    text = page(client, contest)
    assert text.count('<span class="badge badge-cancelled">Withdrawn</span>') == 1
    assert text.count("Withdrawn: <strong>1</strong>") == 1
    assert "?video_id=" not in text


def test_what_authors_write_is_text(client: Client, contest: Contest) -> None:
    make_entry(contest, title="<script>alert(1)</script>", first_name="<b>Ada")
    text = page(client, contest)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>alert" not in text


def test_never_shows_the_participants_private_link(client: Client, contest: Contest) -> None:
    entry = make_entry(contest)
    assert entry.manage_token not in page(client, contest)


def test_turns_pages(client: Client, contest: Contest) -> None:
    for number in range(21):
        make_entry(contest, title=f"Video number {number}.")
    assert page(client, contest).count("Video number") == 20
    assert page(client, contest, "?page=2").count("Video number 0.") == 1


def test_the_number_of_queries_does_not_grow(
    client: Client, contest: Contest, django_assert_num_queries
) -> None:
    for _ in range(5):
        make_ready_entry(contest)
    path = reverse("organizers:contest", args=[contest.url])
    # session, person, contest, count, entries, votes, states, stuck
    with django_assert_num_queries(9):
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
