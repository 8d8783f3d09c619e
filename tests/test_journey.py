"""The main job, as its people live it: register, open a contest, submit, convert, watch, vote.

Everything is the real thing: `manage.py serve` with its web server and worker on a folder of its
own, Chromium, ffmpeg, and the mails as they land in that folder.
"""

import email
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from email import policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import media
from tests.journey import (
    Mail,
    assert_plays,
    create_contest,
    link_mailed_to,
    log_in,
    register,
    submit_video,
)
from tests.waiting import until
from videoshare.config import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.long]

MANAGE = [sys.executable, str(ROOT / "web" / "manage.py")]


class Site:
    """A running service: its address, its data folder and the mails it has sent."""

    def __init__(self, address: str, data: Path) -> None:
        self.address = address
        self.data = data

    def mails(self) -> list[Mail]:
        """What lies in the folder."""
        return [read(file) for file in (self.data / "mail").glob("*.eml")]


def read(file: Path) -> Mail:
    message = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    return Mail(message["to"], message["subject"], body.get_content() if body else "")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    env = os.environ | {"VIDEOSHARE_DATA": str(tmp_path / "data"), "PORT": str(port)}
    for command in ("migrate", "createcachetable"):
        subprocess.run([*MANAGE, command, "--verbosity", "0"], env=env, check=True)
    server = subprocess.Popen([*MANAGE, "serve"], env=env)
    address = f"http://localhost:{port}"

    def ready() -> bool:
        try:
            return urllib.request.urlopen(f"{address}/readyz", timeout=5).status == 200
        except OSError:
            return False

    try:
        until(ready)
        yield Site(address, tmp_path / "data")
    finally:
        server.terminate()
        assert server.wait(30) == 0


@pytest.fixture
def somebody(browser: Browser, site: Site) -> Iterator[Callable[[], Page]]:
    """Open a browser of their own for somebody who reads English."""
    contexts = []

    def somebody() -> Page:
        context = browser.new_context(locale="en", base_url=site.address)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        return page

    yield somebody
    for context in contexts:
        context.close()


def test_from_an_old_camera_to_a_ranking(site: Site, somebody: Callable[[], Page]) -> None:
    organizer = somebody()
    register(organizer, site, "olga@example.org")
    log_in(organizer, "olga@example.org")
    create_contest(organizer)

    participant = somebody()
    submit_video(participant, media.clip("avi_xvid_mp3"))
    # The page follows by itself, without a reload.
    assert_plays(participant)
    private = link_mailed_to(site, "rosa@example.org", "/participar/")
    assert private == participant.url

    organizer.goto("/organizador/old-cameras/videos/")
    expect(organizer.get_by_role("link", name="Grandfather's tape")).to_be_visible()

    voter = somebody()
    voter.goto("/concurso/old-cameras/")
    expect(voter.get_by_text("Rosa")).to_be_visible()
    assert "Secretsurname" not in voter.content()
    assert "rosa@example.org" not in voter.content()
    voter.get_by_role("link", name="Grandfather's tape").first.click()
    voter.wait_for_url("**/?video_id=*")
    assert_plays(voter)
    voter.locator(".player .vote-for").click()
    voter.get_by_role("textbox").fill("vera@example.org")
    voter.get_by_role("button", name="Send me the link").click()
    voter.goto(link_mailed_to(site, "vera@example.org", "/votar/confirmar/"))
    voter.get_by_role("button", name="Confirm").click()
    expect(voter.locator(".player .vote-for")).to_have_attribute("aria-pressed", "true")

    # A mind is changed, without a second mail.
    voter.locator(".player .vote-against").click()
    expect(voter.locator(".player .vote-against")).to_have_attribute("aria-pressed", "true")
    expect(voter.locator(".player .vote-for")).to_have_attribute("aria-pressed", "false")

    voter.goto("/concurso/old-cameras/ranking/")
    expect(voter.get_by_text("Grandfather's tape")).to_be_visible()
