"""Sending a video with a real browser to the site as it is served."""

import os
import random
import re
from contextlib import contextmanager

import pytest
from django.core import signing
from playwright.sync_api import expect

from backends import storage_folder, uploads
from contests.models import Conversion, Entry, State, Upload
from tests.factories import make_contest
from tests.server import served
from tests.waiting import until

# Playwright runs an event loop in this very thread; our queries are none of its business.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZE = 23_000_000  # bytes: five parts
SLOW = 4_000_000  # bytes per second
ENGLISH = {"locale": "en-GB"}


@pytest.fixture
def site(settings, tmp_path, monkeypatch):
    """The site's address; what it is asked is written to a log."""
    settings.STORAGES = {}  # the served site reads its own settings
    monkeypatch.setenv("GUNICORN_CMD_ARGS", f"--access-logfile={tmp_path / 'access.log'}")
    with served() as address:
        yield address


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "mi película; $(id) '🎬'.avi"
    path.write_bytes(b"RIFF\0\0\0\0AVI " + random.Random(2).randbytes(SIZE - 12))
    return path


def sent_parts(tmp_path):
    """The numbers of the parts that have arrived whole, as the server's log tells it."""
    arrived = re.findall(
        r'"PUT /uploads/parts/(\S+) \S+" 200', (tmp_path / "access.log").read_text()
    )
    return [signing.loads(token, salt="upload-part")["part"] for token in arrived]


def throttle(page, bytes_per_second):
    session = page.context.new_cdp_session(page)
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": bytes_per_second,
        },
    )


def fill_in(page, **changes):
    about = {
        "title": "The sea",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email": "ada@example.org",
    }
    for name, text in {**about, **changes}.items():
        page.locator(f"[name={name}]").fill(text)


def detail(page):
    """How far the file is, in words."""
    return page.locator("[data-part=detail]")


def submit(page):
    page.get_by_role("button", name="Submit my video").click()


def test_a_killed_browser_goes_on_the_next_day_with_what_is_missing(
    site, video, tmp_path, browser_type, browser_type_launch_args
):
    contest = make_contest()

    @contextmanager
    def browser():
        """One person's browser: what it remembers outlives it."""
        context = browser_type.launch_persistent_context(
            tmp_path / "profile", **browser_type_launch_args, **ENGLISH
        )
        page = context.new_page()
        page.goto(f"{site}/concurso/{contest.url}/participar/")
        yield page
        context.close()

    with browser() as page:
        throttle(page, SLOW)
        page.locator("[name=title]").fill("My draft")
        page.locator("#file").set_input_files(video)
        until(lambda: len(sent_parts(tmp_path)) >= 2)
    upload = Upload.objects.get()
    before = {
        part.number for part in uploads.list_parts(upload.backend_id, upload.key, upload.size)
    }
    assert len(before) < 5

    with browser() as page:
        expect(page.locator("[name=title]")).to_have_value("My draft")
        page.locator("#file").set_input_files(video)
        expect(detail(page)).to_have_text("The file has arrived.")
        fill_in(page)
        submit(page)
        expect(page.get_by_role("heading", name="The sea")).to_be_visible()

    assert sorted(sent_parts(tmp_path)) == [1, 2, 3, 4, 5]  # each travelled once
    entry = Entry.objects.get()
    assert (entry.upload, entry.upload.filename) == (upload, video.name)
    assert storage_folder.path_of(upload.key).read_bytes() == video.read_bytes()


def test_a_form_submitted_too_early_waits_for_its_file(site, video, new_context):
    contest = make_contest()
    page = new_context(**ENGLISH).new_page()
    page.goto(f"{site}/concurso/{contest.url}/participar/")
    throttle(page, SLOW)
    page.locator("#file").set_input_files(video)
    fill_in(page)
    submit(page)
    waiting = page.get_by_role("button", name="Sending…")
    expect(waiting).to_be_disabled()
    expect(detail(page)).to_have_text(re.compile(r"MB of 23 MB · .* per second · .* left"))
    expect(page.get_by_role("heading", name="The sea")).to_be_visible(timeout=30_000)
    assert Entry.objects.get().upload.size == SIZE


def test_pause_continue_and_remove(site, video, tmp_path, new_context):
    contest = make_contest()
    page = new_context(**ENGLISH).new_page()
    page.goto(f"{site}/concurso/{contest.url}/participar/")
    throttle(page, SLOW)
    page.locator("#file").set_input_files(video)
    until(lambda: len(sent_parts(tmp_path)) >= 1)
    page.get_by_role("button", name="Pause").click()
    expect(detail(page)).to_have_text(re.compile(r"^Paused at .* of 23 MB\.$"))
    page.get_by_role("button", name="Continue").click()
    expect(detail(page)).to_have_text("The file has arrived.", timeout=30_000)
    assert sorted(sent_parts(tmp_path)) == [1, 2, 3, 4, 5]
    page.get_by_role("button", name="Remove this file").click()
    expect(detail(page)).to_be_hidden()
    until(lambda: not Upload.objects.exists())


def test_a_line_that_goes_down_is_told_and_nothing_need_be_done(site, video, tmp_path, new_context):
    contest = make_contest()
    page = new_context(**ENGLISH).new_page()
    page.goto(f"{site}/concurso/{contest.url}/participar/")
    throttle(page, SLOW)
    page.locator("#file").set_input_files(video)
    until(lambda: len(sent_parts(tmp_path)) >= 1)
    page.route("**/uploads/**", lambda route: route.abort())
    silent = re.compile(r"MB of 23 MB · The connection does not answer\.")
    expect(detail(page)).to_have_text(silent, timeout=20_000)
    expect(page.get_by_role("status")).to_have_text(silent)
    page.unroute("**/uploads/**")
    expect(detail(page)).to_have_text("The file has arrived.", timeout=30_000)


def test_an_error_in_the_form_keeps_the_file_and_a_lost_connection_is_told(
    site, tmp_path, new_context
):
    contest = make_contest()
    small = tmp_path / "small.mov"
    small.write_bytes(b"\0\0\0\x18ftypqt  " + bytes(1000))
    context = new_context(**ENGLISH)
    page = context.new_page()
    page.goto(f"{site}/concurso/{contest.url}/participar/")
    context.set_offline(True)
    page.locator("#file").set_input_files(small)
    expect(page.get_by_role("alert")).to_contain_text("The connection was lost.")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    context.set_offline(False)  # the page hears of it and tries again by itself
    expect(detail(page)).to_have_text("The file has arrived.")
    fill_in(page, title="   ", email="ada@example")
    submit(page)
    expect(page.locator("#id_title_error")).to_be_visible()
    expect(page.get_by_text("small.mov")).to_be_visible()
    expect(detail(page)).to_have_text("The file has arrived.")
    fill_in(page)
    submit(page)
    expect(page.get_by_role("heading", name="The sea")).to_be_visible()
    assert Entry.objects.count() == 1


def test_a_file_that_will_never_do_is_refused_where_it_is_chosen(site, tmp_path, new_context):
    contest = make_contest()
    page = new_context(**ENGLISH).new_page()
    page.goto(f"{site}/concurso/{contest.url}/participar/")
    for name, content, message in (
        ("empty.avi", b"", "The file is empty."),
        ("notes.txt", b"text", "We do not accept files with that ending."),
        ("text.avi", b"Only words.", "The content is not a video of a kind we accept."),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        page.locator("#file").set_input_files(path)
        expect(page.get_by_role("alert")).to_contain_text(message)
        expect(page.get_by_role("button", name="Try again")).to_be_hidden()
    assert Upload.objects.count() == 0


def test_the_private_page_follows_the_conversion_without_reloading(site, tmp_path, new_context):
    contest = make_contest()
    page = new_context(**ENGLISH).new_page()
    page.goto(f"{site}/concurso/{contest.url}/participar/")
    small = tmp_path / "small.mov"
    small.write_bytes(b"\0\0\0\x18ftypqt  " + bytes(1000))
    page.locator("#file").set_input_files(small)
    fill_in(page)
    submit(page)
    expect(page.get_by_role("heading", name="in the queue, at place 1")).to_be_visible()
    Conversion.objects.update(state=State.RUNNING, percent=37)
    expect(page.get_by_text("37 %")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Your video is being converted.")
    Conversion.objects.update(state=State.FAILED, reason="damaged")
    expect(page.get_by_text("The video is damaged and cannot be read.")).to_be_visible()
    expect(page.get_by_role("link", name="Submit again")).to_be_visible()
