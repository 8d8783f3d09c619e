"""Makes the pictures in this folder from the running service: `make screenshots`.

Serves the demo from a throw-away data folder, waits until its videos are ready and photographs the
pages that README shows.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
MANAGE = [sys.executable, str(ROOT / "web" / "manage.py")]
PAGES = {"contest": "/concurso/demo/", "ranking": "/concurso/demo/ranking/"}
SECONDS = 120  # the demo's six clips take a quarter of that on two cores


def main() -> None:
    """Serve, wait, photograph, stop."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        env = os.environ | {"VIDEOSHARE_DATA": data, "PORT": str(port)}
        for command in ("migrate", "createcachetable", "demo"):
            subprocess.run([*MANAGE, command], env=env, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([*MANAGE, "serve"], env=env)
        try:
            _photograph(f"http://localhost:{port}")
        finally:
            server.terminate()
            server.wait()


def _photograph(site: str) -> None:
    _wait_until_ready(site)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=sandbox
        )
        page = chromium.new_page(viewport={"width": 1280, "height": 900}, locale="en")
        for name, path in PAGES.items():
            page.goto(site + path, wait_until="networkidle")
            page.screenshot(path=ROOT / "imgs" / f"{name}.png")
        chromium.close()


def _wait_until_ready(site: str) -> None:
    """Wait until all six clips stand on the contest's page."""
    for _ in range(SECONDS):
        time.sleep(1)
        try:
            with urllib.request.urlopen(f"{site}{PAGES['contest']}") as answer:  # noqa: S310
                if answer.read().decode().count("?video_id=") >= 6:
                    return
        except OSError:
            continue
    raise TimeoutError("the demo's videos did not become ready")


if __name__ == "__main__":
    main()
