"""The organizer's journey in a real browser, by keyboard and mouse."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import User
from contests.models import Contest, Entry
from tests.factories import make_contest, make_ready_entry, make_user, picture
from tests.server import served

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "en-GB"}


@pytest.fixture
def browser_context_args(browser_context_args):
    """A phone in Bogotá that speaks English."""
    return browser_context_args | PHONE | {"timezone_id": "America/Bogota"}


@pytest.fixture
def visit(page: Page) -> Iterator[Callable[[str], None]]:
    """Open a page as an organizer. Whatever the browser complains of or blocks is a failure."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    client = Client()
    client.force_login(make_user("ada@example.org"))
    with served() as address:
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": address}])

        def go(path: str) -> None:
            page.goto(address + path)

        yield go
    assert complaints == []


def fill_dates(page: Page) -> None:
    page.get_by_label("Submissions open").fill("2026-05-01T08:00")
    page.get_by_label("Submissions close").fill("2026-06-01T08:00")
    page.get_by_label("Voting opens").fill("2026-06-01T08:00")
    page.get_by_label("Voting closes").fill("2026-07-01T08:00")


def test_creates_a_contest_with_an_image(
    page: Page, visit: Callable[[str], None], tmp_path: Path
) -> None:
    poster = tmp_path / "poster.png"
    poster.write_bytes(picture(form="PNG"))
    visit("/organizador/nuevo/")
    page.get_by_role("textbox", name="Name").press_sequentially("Ñandú: cortos & más")
    expect(page.get_by_role("textbox", name="Address")).to_have_value("nandu-cortos-mas")
    expect(page.get_by_label("Time zone")).to_have_value("America/Bogota")
    fill_dates(page)
    page.get_by_role("button", name="Create the contest").click()
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Image").set_input_files(poster)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Ñandú: cortos & más").click()
    expect(page.get_by_role("heading", name="Ñandú: cortos & más")).to_be_visible()
    visit("/organizador/")
    image = page.locator(".card img")
    expect(image).to_have_js_property("naturalWidth", 320)
    assert Contest.objects.get().url == "nandu-cortos-mas"


def test_one_more_consent_and_a_picked_colour_are_sent(
    page: Page, visit: Callable[[str], None]
) -> None:
    contest = make_contest(User.objects.get(), url="river")
    visit("/organizador/river/ajustes/bases/")
    page.get_by_label("What people agree to").fill("It is mine.")
    page.get_by_label("Nobody takes part without it").check()
    page.get_by_role("button", name="Another consent").click()
    page.get_by_label("What people agree to").last.fill("You may show it.")
    expect(page.get_by_label("Nobody takes part without it").last).not_to_be_checked()
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("Version 1 of the rules is saved.")).to_be_visible()
    consents = [(each["text"], each["required"]) for each in contest.rules.get().consents]
    assert consents == [("It is mine.", True), ("You may show it.", False)]
    visit("/organizador/river/ajustes/")
    page.locator("[type=color]").fill("#b03060")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The settings are saved.")).to_be_visible()
    assert Contest.objects.get().accent == "#b03060"


def test_an_address_of_ones_own_is_left_alone(page: Page, visit: Callable[[str], None]) -> None:
    visit("/organizador/nuevo/")
    page.get_by_role("textbox", name="Address").fill("mine")
    page.get_by_role("textbox", name="Name").press_sequentially("Something else")
    expect(page.get_by_role("textbox", name="Address")).to_have_value("mine")


def test_the_keyboard_alone_is_enough(page: Page, visit: Callable[[str], None]) -> None:
    visit("/organizador/")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    first = page.get_by_role("link", name="Create your first contest")
    expect(first).to_be_focused()
    assert first.evaluate("each => getComputedStyle(each).outlineWidth") == "3px"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="New contest")).to_be_visible()


def test_nothing_sticks_out_of_a_phones_screen(page: Page, visit: Callable[[str], None]) -> None:
    widths = {}
    for path in ("/organizador/", "/organizador/nuevo/", "/cuenta/email/"):
        visit(path)
        widths[path] = page.evaluate("document.documentElement.scrollWidth")
    assert set(widths.values()) == {390}


def test_decides_on_a_whole_page_by_keyboard_and_takes_it_back(
    page: Page, visit: Callable[[str], None]
) -> None:
    contest = make_contest(User.objects.get(email="ada@example.org"), url="sea")
    for _ in range(3):
        make_ready_entry(contest)
    visit("/organizador/sea/videos/")
    page.get_by_label("All on this page").press("Space")
    expect(page.get_by_role("checkbox", name="Tick", checked=True)).to_have_count(3)
    page.get_by_label("Reason").fill("Not about the sea.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Reject")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Rejected: 3 videos.")).to_be_visible()
    assert not Entry.objects.public().exists()
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("Taken back: 3 videos.")).to_be_visible()
    assert Entry.objects.public().count() == 3
