"""The steps of the main job, as a browser takes them on any site."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests.waiting import until

ZONE = "America/Bogota"
PASSWORD = "a long and winding road"


class Mail(NamedTuple):
    """A mail as its reader has it."""

    to: str
    subject: str
    text: str


class Site(Protocol):
    """A running service whose mail can be read."""

    address: str

    def mails(self) -> list[Mail]:
        """What was sent so far."""
        ...


def link_mailed_to(site: Site, address: str, path: str) -> str:
    """Wait for a mail to `address` with a link whose path begins so; return the link."""

    def found() -> str | None:
        texts = (mail.text for mail in site.mails() if mail.to == address)
        links = (re.search(rf"{site.address}{path}\S+", text) for text in texts)
        return next((link[0] for link in links if link), None)

    return until(found)


def register(page: Page, site: Site, address: str) -> None:
    page.goto("/cuenta/signup/")
    page.get_by_label("Email", exact=False).first.fill(address)
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.goto(link_mailed_to(site, address, "/cuenta/confirm-email/"))
    page.get_by_role("button", name="Confirm").click()


def log_in(page: Page, address: str) -> None:
    page.goto("/cuenta/login/")
    page.get_by_label("Email", exact=False).first.fill(address)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.wait_for_url("**/organizador/")


def create_contest(page: Page) -> None:
    now = datetime.now(ZoneInfo(ZONE))
    page.goto("/organizador/nuevo/")
    page.locator("[name=name]").fill("Old cameras")
    page.locator("[name=url]").fill("old-cameras")
    page.locator("[name=zone]").select_option(ZONE)
    for name, days in {
        "submissions_open": -1,
        "submissions_close": 1,
        "voting_open": -1,
        "voting_close": 2,
    }.items():
        moment = now + timedelta(days=days)
        page.locator(f"[name={name}]").fill(moment.strftime("%Y-%m-%dT%H:%M"))
    page.locator("main form button:not([type=button])").last.click()
    page.wait_for_url("**/organizador/old-cameras/")
    page.get_by_role("link", name="Preview and announce…").click()
    page.get_by_role("button", name="Announce it now").click()
    expect(page.get_by_text("everybody can see it now")).to_be_visible()


def submit_video(page: Page, video: Path) -> None:
    page.goto("/concurso/old-cameras/participar/")
    page.locator("#file").set_input_files(video)
    page.get_by_label("Title").fill("Grandfather's tape")
    page.locator("[name=first_name]").fill("Rosa")
    page.locator("[name=last_name]").fill("Secretsurname")
    page.locator("[name=email]").fill("rosa@example.org")
    page.get_by_role("button", name="Submit my video").click()
    page.wait_for_url("**/participar/*/")


def assert_plays(page: Page) -> None:
    """The video on the page really plays: its clock runs."""
    video = page.locator("video")
    expect(video).to_be_visible()
    video.evaluate("video => { video.muted = true; return video.play(); }")
    until(lambda: video.evaluate("video => video.currentTime") > 0.5)
