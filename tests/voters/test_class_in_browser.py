"""A class votes: the sheets are printed, a square is followed, a code typed, and the next pupil."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from contests import issuing
from contests.models import Choice, Code
from tests.factories import make_contest, make_ready_entry, owner_of
from tests.server import served

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser_context_args(browser_context_args):
    """A telephone that speaks English."""
    return browser_context_args | {"viewport": {"width": 390, "height": 844}, "locale": "en-GB"}


def test_a_class_votes_on_paper(page: Page) -> None:
    contest = make_contest(name="Films")
    entry = make_ready_entry(contest, title="The sea")
    codes = issuing.make(contest, Code.Kind.VOTE, 22, owner_of(contest))
    client = Client()
    client.force_login(owner_of(contest))
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    with served() as address:
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        page.goto(address + reverse("organizers:sheets", args=[contest.url]))
        sheets = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", sheets)) == 2
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.context.clear_cookies()

        requested: list[str] = []
        page.on("request", lambda each: requested.append(each.url))
        door = address + reverse("voters:code", args=[contest.url])
        page.goto(f"{door}#codigo={issuing.shown(codes[0].code)}")
        expect(page.get_by_label("Your code")).to_have_value(issuing.shown(codes[0].code))
        assert page.url == door
        page.get_by_role("button", name="Vote with this code").click()
        vote_for(page, "The sea")
        page.get_by_role("button", name="Next person").click()

        page.get_by_label("Your code").fill(codes[1].code.lower())
        page.keyboard.press("Enter")
        vote_for(page, "The sea")
        assert [each for each in requested if codes[0].code[:5] in urlsplit(each).path] == []
    assert list(Choice.objects.order_by("pk").values_list("ballot__voter__code", "entry")) == [
        (codes[0].pk, entry.pk),
        (codes[1].pk, entry.pk),
    ]
    assert complaints == []


def vote_for(page: Page, title: str) -> None:
    button = page.get_by_role("button", name=f"Vote for “{title}”")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
