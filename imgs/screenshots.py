"""Makes the pictures in this folder from the running service: `make screenshots`.

Serves the demo from a throw-away data folder, waits until its videos are ready and photographs the
pages that README shows, as visitors, a participant and the organizer see them.
"""

import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import timedelta
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
MANAGE = [sys.executable, str(ROOT / "web" / "manage.py")]
CONTEST, DESK = "/concurso/demo/", "/organizador/demo/"
DESKTOP, PHONE = (1280, 1000), (390, 1180)
SECONDS = 120  # the demo's six clips take a quarter of that on two cores
COLOURS = 128  # of a picture: enough for our pages, and a third of the bytes
AUTHORS = ("Ada", "Iván", "Rosa", "Noé", "Mei", "Tomás")


def main() -> None:
    """Serve, wait, photograph, stop."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {"VIDEOSHARE_DATA": data, "PORT": str(port)}
        for command in ("migrate", "createcachetable", "demo"):
            subprocess.run([*MANAGE, command], check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([*MANAGE, "serve"])
        try:
            site = f"http://localhost:{port}"
            _wait_until_ready(site)
            _photograph(site, *_dress())
        finally:
            server.terminate()
            server.wait()


def _wait_until_ready(site: str) -> None:
    """Wait until all six clips stand on the contest's page."""
    for _ in range(SECONDS):
        time.sleep(1)
        try:
            with urllib.request.urlopen(site + CONTEST) as answer:  # noqa: S310
                if answer.read().decode().count("?video_id=") >= 6:
                    return
        except OSError:
            continue
    raise TimeoutError("the demo's videos did not become ready")


def _dress() -> tuple[str, str, str]:
    """Give the demo what a real contest has.

    Returns the organizer's session and the paths of a participant's page and of an opened video.
    """
    sys.path.insert(0, str(ROOT / "web"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "videoshare.settings"
    import django

    django.setup()
    from django.db.models import F
    from django.test import Client

    from contests import issuing, ruling
    from contests.models import Choice, Code, Contest, Moderation

    Contest.objects.update(
        accent="#9b2d5e",
        moderated=True,
        max_seconds=180,
        submissions_open=F("submissions_open") - timedelta(days=5),
        voting_open=F("voting_open") - timedelta(days=2),
    )
    contest = Contest.objects.get(url="demo")
    owner = contest.team.get().user
    rules = "1. A story of three minutes at most.\n2. Music only with its author's leave."
    ruling.write(contest, owner, rules, [{"text": "I made this video", "required": True}], seen=0)
    for name in ("Under 18", "Everybody"):
        contest.categories.create(name=name)
    issuing.make(contest, Code.Kind.VOTE, 24, owner)
    entries = list(contest.entries.order_by("pk"))
    for place, (entry, name) in enumerate(zip(entries, AUTHORS, strict=True)):
        entry.first_name = name
        entry.submitted_at -= timedelta(hours=place**2 * 4)
        entry.save(update_fields=["first_name", "submitted_at"])
    for place, choice in enumerate(Choice.objects.order_by("pk")):
        earlier = choice.changed_at - timedelta(minutes=place % 12 * place * 3)
        Choice.objects.filter(pk=choice.pk).update(changed_at=earlier)
    contest.entries.filter(pk=entries[-1].pk).update(moderation=Moderation.PENDING)
    client = Client()
    client.force_login(owner)
    session = client.cookies["sessionid"].value
    return session, entries[0].manage_url, entries[1].get_absolute_url()


def _photograph(site: str, session: str, own: str, video: str) -> None:
    """Photograph each page; whoever looks on."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=sandbox
        )
        page = chromium.new_page(locale="en")
        for name, path, size in (
            ("contest", CONTEST, DESKTOP),
            ("ranking", f"{CONTEST}ranking/", DESKTOP),
            ("phone", video, PHONE),
            ("submit", f"{CONTEST}participar/", PHONE),
            ("private-page", own, PHONE),
        ):
            _take(page, name, site + path, size)
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
        for name, path in (
            ("desk", DESK),
            ("moderation", f"{DESK}videos/?moderation=pending"),
            ("settings", f"{DESK}ajustes/participar/"),
            ("sheets", f"{DESK}codigos/hojas/"),
        ):
            _take(page, name, site + path, DESKTOP)
        chromium.close()


def _take(page: Page, name: str, address: str, size: tuple[int, int]) -> None:
    """Photograph one page, of such a width and height in pixels, in few colours."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(address, wait_until="networkidle")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    few = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(ROOT / "imgs" / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
