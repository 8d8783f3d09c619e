"""Each audience's way by keyboard alone: Tab, Enter, Space, arrows and typing, nothing else.

Whatever has the focus on the way can be seen to have it, and what changes by itself is told.
"""

import os

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from contests import issuing
from contests.models import Choice, Code, Contest, Entry, Moderation
from tests import media
from tests.factories import make_contest, make_ready_entry, make_user, owner_of
from tests.server import served
from tests.waiting import until
from workerjob.convert import Tools
from workerjob.worker import Worker

# Playwright runs an event loop in this very thread; our queries are none of its business.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MOST = 60  # presses of Tab until one must have arrived
FOCUS = "document.activeElement"
# What an eye sees around what has the focus: a card rings as one with the link that fills it, and
# within a player the browser itself does.
SHOWN = """() => {
    const here = document.activeElement;
    if (here.matches("video:not(:focus-visible)")) return true;
    return [here, here.closest(".card")].filter(Boolean).some((each) => {
        const {outlineStyle, outlineWidth} = getComputedStyle(each);
        return outlineStyle !== "none" && outlineWidth !== "0px";
    });
}"""


@pytest.fixture
def browser_context_args(browser_context_args):
    """A browser that speaks English and writes dates as 05/01/2026, 08:00 AM."""
    return browser_context_args | {"locale": "en-US"}


@pytest.fixture
def site():
    """The site's address."""
    with served() as address:
        yield address


def focused(page: Page) -> str:
    """The accessible name of what has the focus, as the browser tells it to a screen reader."""
    browser = page.context.new_cdp_session(page)
    here = browser.send("Runtime.evaluate", {"expression": FOCUS})["result"]["objectId"]
    asked = {"objectId": here, "fetchRelatives": False}
    told = browser.send("Accessibility.getPartialAXTree", asked)["nodes"][0]
    browser.detach()
    return str(told.get("name", {}).get("value", ""))


def reach(page: Page, name: str, key: str = "Tab") -> None:
    """Press Tab until what has this accessible name has the focus; fail when it never has."""
    passed: list[str] = []
    for _ in range(MOST):
        page.keyboard.press(key)
        passed.append(focused(page))
        if page.evaluate(f"{FOCUS} !== document.body"):
            assert page.evaluate(SHOWN), f"{passed[-1]} does not show its focus"
        if passed[-1] == name:
            return
    raise AssertionError(f"{name!r} is not among {passed}")


def press(page: Page, name: str) -> None:
    """Go to a link or a button, and press Enter."""
    reach(page, name)
    page.keyboard.press("Enter")


def write(page: Page, name: str, text: str) -> None:
    """Go to a field, and type; what stood there is typed over."""
    reach(page, name)
    page.keyboard.type(text)


def follow(page: Page, name: str) -> None:
    """Press Enter on what leads to another page, and be there."""
    with page.expect_navigation():
        press(page, name)


def told(page: Page, text: str) -> None:
    """What a screen reader says by itself."""
    expect(page.get_by_role("status").filter(has_text=text)).to_have_count(1)


def test_an_organizer(page: Page, site: str) -> None:
    olga, client = make_user(), Client()
    client.force_login(olga)
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    page.goto(f"{site}/organizador/")
    follow(page, "Create your first contest")
    write(page, "Name", "By keys")
    for name, day in {
        "Submissions open on": "01/02/2026",
        "Submissions close on": "01/03/2090",
        "Voting opens on": "01/02/2026",
        "Voting closes on": "01/04/2090",
    }.items():
        reach(page, name)
        page.keyboard.type(day)
        page.keyboard.press("ArrowRight")
        page.keyboard.type("0800A")
    follow(page, "Create the contest")
    told(page, "Your contest is there, as a draft only your team sees.")

    follow(page, "Settings")
    follow(page, "Who takes part")
    reach(page, "Show videos once the team has approved them")
    page.keyboard.press("Space")
    follow(page, "Save")
    told(page, "The settings are saved.")
    follow(page, "Rules")
    write(page, "The rules (optional)", "Be kind.")
    write(page, "What people agree to (optional)", "It is mine.")
    follow(page, "Save as a new version")
    told(page, "Version 1 of the rules is saved.")
    follow(page, "By keys")
    follow(page, "Preview and announce…")
    follow(page, "Announce it now")

    entry = make_ready_entry(Contest.objects.get(), title="Tape", moderation=Moderation.PENDING)
    follow(page, "Videos")
    follow(page, "Tape")
    follow(page, "Approve")
    told(page, "Approved: 1 video.")
    assert Entry.objects.get(pk=entry.pk).moderation == Moderation.APPROVED


def test_a_participant(page: Page, site: str) -> None:
    contest = make_contest(name="Films")
    page.goto(site)
    follow(page, "Films")
    follow(page, "Send a video")
    reach(page, "Video file")
    page.locator(":focus").set_input_files(media.clip("flv_h264_aac"))
    told(page, "The file has arrived.")
    write(page, "Title", "Tape")
    write(page, "Name", "Rosa")
    write(page, "Surname", "Luz")
    write(page, "E-mail", "rosa@example.org")
    follow(page, "Submit my video")
    Worker(Tools()).run(burst=True)
    told(page, "Your video is ready")
    follow(page, "Change texts, poster or captions")
    write(page, "Title", "My tape")
    follow(page, "Save the texts")
    told(page, "Saved.")
    assert contest.entries.get().title == "My tape"


def test_a_voter(page: Page, site: str) -> None:
    contest = make_contest(name="Films")
    entry = make_ready_entry(contest, title="Tape", video=media.clip("mp4").read_bytes())
    code = issuing.make(contest, Code.Kind.VOTE, 1, owner_of(contest))[0].code
    page.goto(site)
    follow(page, "Films")
    follow(page, "Tape")
    page.keyboard.press("Tab")
    while page.evaluate(f"{FOCUS}.tagName") != "VIDEO":
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    until(lambda: page.evaluate("document.querySelector('video').currentTime") > 0)
    press(page, "For 0: vote for “Tape”")
    expect(page.get_by_label("E-mail")).to_be_focused()
    follow(page, "vote with a code")
    write(page, "Your code", code)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press(page, "For 0: vote for “Tape”")
    told(page, "Vote saved")
    assert Choice.objects.get().entry == entry
    page.keyboard.press("Enter")
    told(page, "Vote taken back")
    assert not Choice.objects.exists()
