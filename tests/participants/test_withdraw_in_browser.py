"""Withdrawing in a real browser: on a phone, without JavaScript, by keyboard."""

import os
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from contests.models import Entry
from tests.factories import make_ready_entry
from tests.server import served

# Playwright runs an event loop in this very thread; our queries are none of its business.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "en-GB"}


@pytest.fixture
def browser_context_args(browser_context_args):
    return browser_context_args | PHONE | {"java_script_enabled": False}


def press(page: Page, role: Literal["link", "button"], name: str) -> None:
    """Tab until the control has the focus, and press Enter."""
    control = page.get_by_role(role, name=name, exact=True)
    for _ in range(20):
        page.keyboard.press("Tab")
        if control.evaluate("each => each === document.activeElement"):
            break
    expect(control).to_be_focused()
    page.keyboard.press("Enter")


def test_a_video_is_withdrawn_and_another_may_be_submitted(page: Page) -> None:
    entry = make_ready_entry(title="Lago" * 30)
    widths = []
    with served() as address:
        page.goto(address + entry.manage_url)
        widths.append(page.evaluate("document.documentElement.scrollWidth"))
        press(page, "link", "Withdraw my video…")
        expect(page.get_by_text("This cannot be undone.")).to_be_visible()
        widths.append(page.evaluate("document.documentElement.scrollWidth"))
        press(page, "link", "Keep it")
        press(page, "link", "Withdraw my video…")
        press(page, "button", "Withdraw my video")
        expect(page.get_by_role("heading", name="You have withdrawn your video.")).to_be_visible()
        widths.append(page.evaluate("document.documentElement.scrollWidth"))
        press(page, "link", "Submit another video")
        expect(page.get_by_role("heading", name="Submit a video")).to_be_visible()
    assert set(widths) == {390}
    assert Entry.objects.get().withdrawn_at is not None
