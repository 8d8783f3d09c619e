"""The fleet's page in a real browser: it looks again by itself and disturbs nobody who types."""

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from contests import fleet
from contests.models import Conversion, State
from tests.factories import make_entry
from tests.server import served
from tests.staff import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser_context_args(browser_context_args):
    """A phone that speaks English."""
    phone = {"viewport": {"width": 390, "height": 844}, "locale": "en-GB"}
    return browser_context_args | phone


def test_looks_again_keeps_the_focus_and_tries_again(page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    client = Client()
    sign_in(client)
    make_entry(state=State.DEAD)
    with served() as address:
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        page.goto(f"{address}/ops/")
        expect(page.get_by_text("No worker is alive")).to_be_visible()
        button = page.locator("#again")
        button.focus()
        fleet.beat("w-1", 2)
        expect(page.get_by_role("heading", name="w-1")).to_be_visible(timeout=20_000)
        expect(page.get_by_text("No worker is alive")).to_have_count(0)
        expect(button).to_be_focused()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("Queued again: 1 video.")
        expect(page.get_by_text("Nothing is stuck.")).to_be_visible()
    assert Conversion.objects.get().state == State.QUEUED
    assert complaints == []
