"""Staff in a real browser: they set up the second step and get where they wanted, by keyboard."""

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import Page, expect

from contests.models import Conversion, State
from tests.accessible import check
from tests.factories import PASSWORD, make_entry
from tests.server import served
from tests.staff import code, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser_context_args(browser_context_args):
    """A phone that speaks English."""
    phone = {"viewport": {"width": 390, "height": 844}, "locale": "en-GB"}
    return browser_context_args | phone


def type_into(page: Page, label: str, text: str) -> None:
    """Type and press Enter, which sends the form."""
    page.get_by_label(label, exact=True).fill(text)
    page.keyboard.press("Enter")


def test_staff_set_up_the_second_step_and_try_again_what_is_stuck(page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    person = make_staff("ada@example.org")
    # As the service checks it; tests hash otherwise.
    person.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", 1000)
    person.save()
    make_entry(state=State.DEAD)
    with served() as address:
        page.goto(f"{address}/cuenta/login/")
        page.get_by_label("Email").fill(person.email)
        type_into(page, "Password", PASSWORD)
        expect(page.get_by_role("heading", name="My contests")).to_be_visible()
        page.goto(f"{address}/ops/admin/contests/conversion/")
        type_into(page, "Password", PASSWORD)
        expect(page.get_by_role("img", name="QR code")).to_be_visible()
        check(page)
        secret = page.locator(".secret").inner_text()
        type_into(page, "Authenticator code", code(secret, seconds=15))
        onwards = page.get_by_role("link", name="I have kept them, go on")
        expect(onwards).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        check(page)
        onwards.press("Enter")
        expect(page.get_by_role("heading", name="Select conversion to view")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.locator(".action-select").press("Space")
        page.get_by_label("Action:").select_option("Try again")
        page.get_by_role("button", name="Go", exact=True).press("Enter")
        expect(page.get_by_text("Queued again: 1 video.")).to_be_visible()
    assert Conversion.objects.get().state == State.QUEUED
    assert complaints == []
