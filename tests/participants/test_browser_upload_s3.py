"""Sending a video with a real browser straight to S3."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from backends import storage, uploads
from contests.models import Entry, Upload
from tests import emulator, media
from tests.factories import make_contest
from tests.participants.test_browser_upload import ENGLISH, SLOW, detail, fill_in, submit, throttle
from tests.server import served
from tests.waiting import until

pytestmark = [pytest.mark.aws, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZE = 12_000_000  # bytes: three parts


@pytest.fixture
def site(aws, settings, tmp_path, monkeypatch):
    """The site's address; what it is asked is written to a log."""
    settings.STORAGES = {}  # the served site reads its own settings
    monkeypatch.setenv("GUNICORN_CMD_ARGS", f"--access-logfile={tmp_path / 'access.log'}")
    monkeypatch.setenv("VIDEOSHARE_S3_URL", aws.bucket)
    monkeypatch.setenv("VIDEOSHARE_CF_URL", aws.cdn)
    monkeypatch.setenv("VIDEOSHARE_SECRET_REGION", emulator.REGION)
    with served() as address:
        yield address


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "vacaciones.flv"
    content = media.clip("flv_sorenson_mp3").read_bytes()
    path.write_bytes(content + bytes(SIZE - len(content)))
    return path


@pytest.fixture
def page(site, new_context):
    """The page on which a video is submitted."""
    opened = new_context(**ENGLISH).new_page()
    opened.goto(f"{site}/concurso/{make_contest().url}/participar/")
    return opened


def note(page, site):
    """What of the file goes where: the numbers of the parts taken, and the hosts asked."""
    parts, bytes_to_us = [], []

    def answered(response):
        request = response.request
        if request.method == "PUT" and response.status == 200:
            parts.append(int(parse_qs(urlsplit(request.url).query)["partNumber"][0]))
        if request.url.startswith(site):
            bytes_to_us.append(len(request.post_data_buffer or b""))

    page.on("response", answered)
    return parts, bytes_to_us


def taken(page, parts, expected):
    """Wait until exactly these parts are known to have been taken: the browser tells it later."""
    until(lambda: page.wait_for_timeout(20) or len(parts) >= len(expected))
    assert sorted(parts) == expected


def arrived():
    upload = Upload.objects.first()
    return upload and uploads.list_parts(upload.backend_id, upload.key, upload.size)


def test_a_file_goes_straight_to_s3_and_on_after_a_reload(site, page, video, tmp_path):
    parts, bytes_to_us = note(page, site)
    throttle(page, SLOW)
    page.locator("#file").set_input_files(video)
    until(arrived)
    page.reload()
    before = {part.number for part in arrived()}
    assert 1 <= len(before) < 3
    del parts[:]

    page.locator("#file").set_input_files(video)
    expect(detail(page)).to_have_text("The file has arrived.", timeout=30_000)
    taken(page, parts, sorted({1, 2, 3} - before))
    fill_in(page)
    submit(page)
    expect(page.get_by_role("heading", name="The sea")).to_be_visible()

    upload = Entry.objects.get().upload
    assert upload.version
    storage.fetch(upload.key, tmp_path / "stored", upload.version)
    assert (tmp_path / "stored").read_bytes() == video.read_bytes()
    assert sum(bytes_to_us) < 10_000
    ours = r'"PUT (?!/uploads/[^/]+/draft/)|/uploads/parts/'  # what is typed comes to us
    assert not re.search(ours, (tmp_path / "access.log").read_text())


def test_an_address_that_has_expired_is_signed_again(site, page, video):
    refused = []

    def expired(route):
        refused.append(route.request.url)
        route.fulfill(
            status=403,
            headers={"Access-Control-Allow-Origin": "*", "Content-Type": "application/xml"},
            body="<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
        )

    page.route(re.compile("partNumber=2"), expired, times=1)
    page.locator("#file").set_input_files(video)
    expect(detail(page)).to_have_text("The file has arrived.", timeout=30_000)
    assert len(refused) == 1
    # Not what the browser tells: of requests beside one that is answered here it may tell nothing.
    assert storage.size(Upload.objects.get().key) == SIZE


def test_a_bucket_that_is_away_is_told_and_tried_again(site, page, video):
    """Neither an error of S3's nor one of ours loses what has arrived."""
    busy = "<Error><Code>SlowDown</Code></Error>"
    allowed = {"Access-Control-Allow-Origin": "*"}
    page.route(
        re.compile("partNumber=1"),
        lambda route: route.fulfill(status=503, headers=allowed, body=busy),
        times=1,
    )
    unavailable = {"status": 503, "json": {"code": "unavailable", "message": "Not right now."}}
    page.route(re.compile("/complete/"), lambda route: route.fulfill(**unavailable), times=4)
    page.locator("#file").set_input_files(video)
    expect(page.get_by_role("alert")).to_contain_text("Not right now.", timeout=30_000)
    assert [part.number for part in arrived()] == [1, 2, 3]
    page.get_by_role("button", name="Try again").click()
    expect(detail(page)).to_have_text("The file has arrived.", timeout=30_000)
    assert storage.size(Upload.objects.get().key) == SIZE
