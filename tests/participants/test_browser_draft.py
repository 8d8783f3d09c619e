"""Coming back to a half-filled form, and what the browser itself says of a file."""

import os

import pytest
from playwright.sync_api import expect

from contests.models import Entry, Question, Upload
from tests.factories import make_contest, make_rules
from tests.looking import make
from tests.participants.test_browser_upload import ENGLISH, detail, fill_in, submit
from tests.server import served
from tests.waiting import until

# Playwright runs an event loop in this very thread; our queries are none of its business.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(settings):
    """The site's address."""
    settings.STORAGES = {}  # the served site reads its own settings
    with served() as address:
        yield address


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "small.mov"
    path.write_bytes(b"\0\0\0\x18ftypqt  " + bytes(1000))
    return path


def test_who_comes_back_finds_form_and_file_and_submitting_leaves_nothing(site, video, new_context):
    contest = make_contest()
    make_rules(contest, ("I made it.", True))
    music = Question.objects.create(contest=contest, text="Music?", kind="yes_no", required=True)
    context = new_context(**ENGLISH)
    page = context.new_page()
    page.goto(f"{site}/concurso/{contest.url}/participar/")
    page.locator("#file").set_input_files(video)
    expect(detail(page)).to_have_text("The file has arrived.")
    fill_in(page, title="My draft")
    page.get_by_label("Yes").check()
    page.get_by_label("I made it.").check()
    typed = {"title": "My draft", "email": "ada@example.org", f"question_{music.pk}": "yes"}
    typed |= {"first_name": "Ada", "last_name": "Lovelace"}
    until(lambda: Upload.objects.get().draft == typed)
    page.close()

    page = context.new_page()
    page.goto(f"{site}/concurso/{contest.url}/participar/")
    expect(page.get_by_text("Your form and your file are as you left them.")).to_be_visible()
    expect(detail(page)).to_have_text("The file has arrived.")
    expect(page.locator("[name=email]")).to_have_value("ada@example.org")
    expect(page.get_by_label("Yes")).to_be_checked()
    expect(page.get_by_label("I made it.")).not_to_be_checked()  # given anew each time
    page.get_by_label("I made it.").check()
    submit(page)
    expect(page.get_by_role("heading", name="My draft")).to_be_visible()
    assert Entry.objects.get().upload.draft is None
    kept = page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    assert [each for each in kept if each.startswith("videoshare")] == []


def test_a_video_longer_than_the_contest_takes_is_warned_of_before_it_travels(
    site, tmp_path, new_context
):
    contest = make_contest(max_seconds=2)
    long = make(tmp_path / "long.mp4", *["-f", "lavfi", "-i", "testsrc=s=64x48:r=10:d=65"])
    page = new_context(**ENGLISH).new_page()
    errors = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(f"{site}/concurso/{contest.url}/participar/")
    page.locator("#file").set_input_files(long)
    warning = "This video lasts 1:05; this contest takes 0:02 at most."
    expect(page.get_by_role("alert")).to_contain_text(warning)
    fill_in(page)
    submit(page)  # leads to the choice instead
    anyway = page.get_by_role("button", name="Send it anyway")
    expect(anyway).to_be_focused()
    assert Upload.objects.count() == 0
    anyway.press("Enter")
    expect(detail(page)).to_have_text("The file has arrived.")
    assert errors == []
