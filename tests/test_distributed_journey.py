"""The main job once more, on the distributed service: two web servers, two workers, all of AWS.

What is asked of AWS is asked over HTTP, of an emulator; the database is a MariaDB with TLS.
"""

import json
import re
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from playwright.sync_api import Browser, Request, expect

from infra.local.service import Service, running
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

pytestmark = [pytest.mark.aws, pytest.mark.browser, pytest.mark.slow, pytest.mark.long]


class Site:
    """The distributed service as visitors know it, at the first of its two web servers."""

    def __init__(self, service: Service, port: int) -> None:
        self.service = service
        self.address = f"http://localhost:{port}"
        self.other_address = f"http://localhost:{port + 1}"

    def mails(self) -> list[Mail]:
        """What SES has accepted."""
        url = f"{self.service.endpoint}/_ministack/ses/messages"
        with urllib.request.urlopen(url, timeout=5) as answer:
            found = [mail for mails in json.load(answer)["messages"].values() for mail in mails]
        return [Mail(", ".join(one["To"]), one["Subject"], one["BodyText"]) for one in found]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with running(tmp_path, range(port, port + 2)) as service:
        site = Site(service, port)
        until(lambda: all(answers(a) for a in (site.address, site.other_address)))
        yield site


def answers(address: str) -> bool:
    try:
        return urllib.request.urlopen(f"{address}/readyz", timeout=5).status == 200
    except OSError:
        return False


def test_from_an_old_camera_to_cloudfront(site: Site, browser: Browser) -> None:
    context = browser.new_context(locale="en", base_url=site.address)
    page = context.new_page()
    page.set_default_timeout(30_000)
    register(page, site, "olga@example.org")
    log_in(page, "olga@example.org")
    create_contest(page)

    # The session that one server made holds on the other.
    page.goto(f"{site.other_address}/organizador/old-cameras/")
    expect(page.get_by_role("heading", name="Old cameras")).to_be_visible()

    sent: list[Request] = []

    def note(request: Request) -> None:
        sent.append(request)

    page.on("request", note)
    submit_video(page, media.clip("flv_sorenson_mp3"))
    account = site.service.account
    sent_to = [request.url.partition("?")[0] for request in sent if request.method == "PUT"]
    uploads = [url for url in sent_to if not url.endswith("/draft/")]  # which is what is typed
    assert [url.rpartition("/")[0] for url in uploads] == [
        f"{site.service.endpoint}/{account.bucket}/videos"
    ]
    assert_plays(page)
    assert page.locator("video").get_attribute("src").startswith(cdn(site))
    private = link_mailed_to(site, "rosa@example.org", "/participar/")
    assert private == page.url
    subjects = [mail.subject for mail in site.mails() if mail.to == "rosa@example.org"]
    assert subjects == ["We have your video", "Your video is ready"]

    queues = (account.queue, account.dead_letters)
    until(lambda: [messages(queue) for queue in queues] == [[0, 0, 0]] * 2)
    assert_told_to_splunk(site)
    assert_logged(site)


def cdn(site: Site) -> str:
    shown = site.service.manage("config")
    return re.search(r"^cf_url = (\S+)", shown, re.MULTILINE)[1]


def messages(queue: str) -> list[int]:
    """How many are visible, in flight, delayed."""
    kinds = ("", "NotVisible", "Delayed")
    names = [f"ApproximateNumberOfMessages{kind}" for kind in kinds]
    counted = boto3.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)[
        "Attributes"
    ]
    return [int(counted[name]) for name in names]


def assert_told_to_splunk(site: Site) -> None:
    """An event for the entry and one for its conversion, and no word about people."""
    until(lambda: len(events(site)) >= 2)
    assert [(e["index"], e["event"]["event"]) for e in events(site)] == [
        ("videoshare", "entry_submitted"),
        ("videoshare", "conversion_finished"),
    ]
    assert "rosa" not in site.service.events.read_text().lower()


def events(site: Site) -> list[dict]:
    """What Splunk was sent."""
    file = site.service.events
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def assert_logged(site: Site) -> None:
    """CloudWatch Logs holds the requests that both web servers answered and the conversion."""
    logs = boto3.client("logs")

    def logged(group: str, text: str) -> bool:
        found = logs.filter_log_events(logGroupName=f"/videoshare/{group}")["events"]
        return any(text in event["message"] for event in found)

    until(lambda: logged("web", "POST /concurso/old-cameras/participar/ 302"))
    until(lambda: logged("worker", "finished"))
