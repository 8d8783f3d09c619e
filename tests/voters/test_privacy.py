"""The privacy pages tell what is so, and nothing else."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from contests.models import Category, Code, Contest, Question
from tests.factories import (
    make_code,
    make_contest,
    make_entry,
    make_ready_entry,
    make_rules,
    owner_of,
)

pytestmark = pytest.mark.django_db


def words(client, path: str) -> str:
    """The words of a page, without its tags."""
    answer = client.get(path)
    assert answer.status_code == 200
    text = html.unescape(answer.content.decode().split("<main")[1].split("</main>")[0])
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def retention(contest: Contest) -> None:
    contest.retention_days = 30


def moderation(contest: Contest) -> None:
    contest.moderated = True


def contact(contest: Contest) -> None:
    contest.contact = "hello@river.example"


SENTENCES = [
    (contact, "You reach them here: hello@river.example"),
    (moderation, "Once the team has approved it, everybody sees"),
    (retention, "we erase names, addresses, answers, original files"),
    (lambda c: Category.objects.create(contest=c, name="A"), "You choose a category."),
    (
        lambda c: Question.objects.create(contest=c, text="Your school?", public=True),
        "The organizer asks: Your school? (everybody sees the answer)",
    ),
    (make_rules, "We keep which version of the rules you accepted and when."),
    (
        lambda c: make_rules(c, ("It is mine.", True)),
        "And to which of these you agreed: It is mine.",
    ),
    (lambda c: make_code(c, Code.Kind.SUBMIT), "We keep with which code you submitted."),
    (lambda c: make_code(c, Code.Kind.VOTE), "With a code we do not know who you are."),
]


@pytest.mark.parametrize("option, sentence", SENTENCES)
def test_what_a_contest_asks_for_is_told_and_only_that(client, option, sentence):
    contest = make_contest()
    page = f"{contest.get_absolute_url()}privacidad/"
    assert sentence not in words(client, page)
    option(contest)
    contest.save()
    assert sentence in words(client, page)


def test_a_private_contest_tells_those_who_are_in(client):
    contest = make_contest(visibility="private")
    page = f"{contest.get_absolute_url()}privacidad/"
    assert client.get(page).status_code == 302
    client.force_login(owner_of(contest))
    told = words(client, page)
    assert "whoever gets into this private contest sees" in told
    assert "Your browser's session remembers with which password" in told


def test_once_it_is_erased_the_page_says_when(client):
    now = timezone.now()
    past = {"submissions_open": -9, "submissions_close": -8, "voting_open": -9, "voting_close": -7}
    dates: dict[str, Any] = {name: now + timedelta(days=days) for name, days in past.items()}
    contest = make_contest(**dates, retention_days=1, erased_at=now)
    assert "we erased names" in words(client, f"{contest.get_absolute_url()}privacidad/")


def test_the_team_reads_the_same_day_in_the_settings(client):
    contest = make_contest(retention_days=30, voting_close=datetime(2030, 5, 1, 12, tzinfo=UTC))
    client.force_login(owner_of(contest))
    desk = words(client, f"/organizador/{contest.url}/ajustes/datos/")
    told = words(client, f"{contest.get_absolute_url()}privacidad/")
    assert "They are erased on May 31, 2030." in desk
    assert "On May 31, 2030 we erase names" in told


def test_it_says_where_the_files_lie(client, settings):
    here, there = "On one computer of who runs this site", "in the region eu-south-2"
    assert here in words(client, "/privacidad/")
    settings.S3_BUCKET, settings.AWS_REGION = "bucket", "eu-south-2"
    settings.EMAIL_BACKEND = "backends.mail_ses.SesBackend"
    told = words(client, "/privacidad/")
    assert (here in told, there in told) == (False, True)
    assert "Our mails are sent by Amazon SES." in told


def test_every_page_leads_there_and_so_do_the_forms(client):
    contest = make_contest()
    entry = make_ready_entry(contest)
    own = f"{contest.get_absolute_url()}privacidad/"
    vote = client.post(f"{contest.get_absolute_url()}votar/{entry.pk}/", {"value": "1"})
    submit = client.get(f"{contest.get_absolute_url()}participar/")
    # In the form, and below the page.
    assert [page.content.decode().count(f'href="{own}"') for page in (vote, submit)] == [2, 2]
    assert client.get("/").content.decode().count('href="/privacidad/"') == 1
    private = make_entry(make_contest(visibility="private"))
    assert 'href="/privacidad/"' in client.get(private.manage_url).content.decode()
