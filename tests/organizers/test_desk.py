"""A contest's desk."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contests.models import Contest, Member, Moderation, Role, State, Upload
from contests.withdrawing import withdraw
from tests.factories import (
    make_contest,
    make_entry,
    make_ready_entry,
    make_upload,
    make_user,
    owner_of,
)
from tests.voters.test_order import many

pytestmark = pytest.mark.django_db


@pytest.fixture
def contest(client: Client) -> Contest:
    """A contest whose organizer is logged in."""
    contest = make_contest()
    client.force_login(owner_of(contest))
    return contest


def page(client: Client, contest: Contest, name: str = "contest") -> str:
    answer = client.get(reverse(f"organizers:{name}", args=[contest.url]))
    assert answer.status_code == 200
    return answer.content.decode()


def needs(text: str) -> list[tuple[str, str]]:
    """What the page says needs the team, and where its buttons lead."""
    items = re.findall(r'<li class="part">(.*?)</li>', text, re.S)
    links = (re.search(r'href="(.*?)"', item) for item in items)
    sentences = (re.search(r"<div>(.*?)</div>", item)[1] for item in items)
    return [
        (sentence, link[1].replace("&amp;", "&") if link else "")
        for sentence, link in zip(sentences, links, strict=True)
    ]


def test_a_withdrawn_video_is_counted_as_such(client: Client, contest: Contest) -> None:
    withdraw(make_ready_entry(contest, title="The river"), timezone.now())
    assert page(client, contest).count("Withdrawn: <strong>1</strong>") == 1


def test_what_needs_the_team_leads_to_where_it_is_done(client: Client, contest: Contest) -> None:
    for _ in range(2):
        make_ready_entry(contest, moderation=Moderation.PENDING)
    desk = f"/organizador/{contest.url}"
    pending = "2 videos wait for you to look at them."
    rules = "There are no rules yet that participants accept."
    assert needs(page(client, contest)) == [
        (pending, f"{desk}/videos/?moderation=pending"),
        (rules, f"{desk}/ajustes/bases/"),
    ]
    moderator = make_user()
    Member.objects.create(contest=contest, user=moderator, role=Role.MODERATOR)
    client.force_login(moderator)
    assert needs(page(client, contest)) == [
        (pending, f"{desk}/videos/?moderation=pending"),
        (rules, ""),  # which only owners write
    ]


def test_the_part_that_changes_is_the_same_by_itself(client: Client, contest: Contest) -> None:
    make_entry(contest, state=State.DEAD)
    whole, part = page(client, contest), page(client, contest, "state")
    assert "1 video is stuck" in part
    token = r'name="csrfmiddlewaretoken" value=".*?"'
    assert re.sub(token, "", part).strip() in re.sub(token, "", whole)


def test_uploads_on_their_way_are_counted(client: Client, contest: Contest) -> None:
    assert "Arriving now" not in page(client, contest)
    make_upload(contest, state=Upload.State.OPEN)
    assert "<dt>Arriving now</dt><dd>1</dd>" in page(client, contest)


def test_the_next_date_is_on_the_contests_clock(client: Client, contest: Contest) -> None:
    contest.zone = "America/Bogota"
    contest.submissions_close = datetime(2090, 3, 1, 3, 0, tzinfo=UTC)
    contest.voting_close = contest.submissions_close + timedelta(days=1)
    contest.save()
    text = page(client, contest)
    assert '<time datetime="2090-02-28T22:00:00-05:00">Feb. 28, 2090, 10 p.m.</time>' in text


def test_charts_can_be_read_as_figures(client: Client, contest: Contest) -> None:
    make_ready_entry(contest)
    text = page(client, contest)
    assert text.count('<rect class="fill-column"') == 1
    assert len(re.findall(r'<tr><td>.*?</td><td class="number">1</td></tr>', text)) == 1
    assert "Nothing yet." in text  # no vote


def test_an_empty_contest_says_what_to_do(client: Client, contest: Contest) -> None:
    text = page(client, contest)
    assert "Send people the contest's address" in text
    assert f"http://testserver/concurso/{contest.url}/" in text


@pytest.mark.parametrize("name, queries", [("state", 16), ("contest", 18)])
def test_the_number_of_queries_does_not_grow(
    client: Client, contest: Contest, django_assert_num_queries, name, queries
) -> None:
    path = reverse(f"organizers:{name}", args=[contest.url])
    for count in (1, 300):
        many(contest, count)
        with django_assert_num_queries(queries):
            client.get(path)
