"""Watching and voting in a real browser, on the site as it is served."""

import re
import subprocess
from collections.abc import Iterator
from email import message_from_bytes, policy
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from contests.models import Choice, Entry
from tests.factories import make_ready_entry, make_user
from tests.server import served
from tests.waiting import until
from videoshare.media import MAX_RANGE_BYTES

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FFMPEG = ["ffmpeg", "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i"]
SECONDS = 30


@pytest.fixture
def entry() -> Entry:
    return make_ready_entry(title="The sea")


@pytest.fixture
def site(entry: Entry) -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page on which no script fails and nothing offends our content security policy."""
    complaints = []

    def listen(said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            complaints.append(said.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_extra_http_headers({"Accept-Language": "en"})
    yield page
    assert complaints == []


def choices() -> list[int]:
    return list(Choice.objects.values_list("value", flat=True))


def mailed_link() -> str:
    """Return the path of the link in the one mail that was sent."""
    (path,) = until(lambda: list(Path(settings.MAIL_ROOT).glob("*.eml")))
    text = message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))
    return re.search(r"/votar/confirmar/\S+/", text.get_content())[0]


def test_a_vote_changes_the_box_and_nothing_else(page, site, entry):
    client = Client()
    client.force_login(make_user())
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}
    page.context.add_cookies([session])
    page.goto(site + entry.contest.get_absolute_url())
    page.evaluate("() => { window.sameDocument = true }")
    box = page.locator(f"#votes-{entry.pk}")
    votes_for, votes_against = box.locator(".vote-for"), box.locator(".vote-against")
    votes_for.click()
    expect(votes_for).to_have_attribute("aria-pressed", "true")
    expect(votes_for).to_be_focused()
    expect(votes_for).to_have_text(re.compile(r"For\s+1"))
    expect(page.locator("#announce")).to_have_text("Vote saved")
    votes_against.click()
    expect(votes_against).to_have_attribute("aria-pressed", "true")
    expect(votes_for).to_have_text(re.compile(r"For\s+0"))
    votes_against.click()
    expect(page.locator("#announce")).to_have_text("Vote taken back")
    expect(votes_against).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("() => window.sameDocument") is True
    assert choices() == []


def test_what_the_server_refuses_is_said_in_the_box(page, site, entry):
    page.goto(site + entry.contest.get_absolute_url())
    entry.contest.voting_close = entry.contest.voting_open
    entry.contest.save()
    page.get_by_role("button", name="Vote for “The sea”").click()
    expect(page.locator(f"#votes-{entry.pk}")).to_contain_text("Voting is not open at this time.")
    expect(page.locator("#trouble")).to_be_hidden()


def test_a_vote_that_does_not_arrive_is_no_secret(page, site, entry):
    page.goto(site + entry.contest.get_absolute_url())
    votes_for = page.get_by_role("button", name="Vote for “The sea”")
    page.route("**/votar/**", lambda route: route.abort())
    votes_for.click()
    expect(page.locator("#trouble")).to_be_visible()
    page.unroute("**/votar/**")
    votes_for.click()
    expect(page.locator("#trouble")).to_be_hidden()


def test_an_e_mail_confirmed_is_a_vote(page, site, entry):
    page.goto(site + entry.get_absolute_url())
    page.get_by_role("button", name="Vote for “The sea”").click()
    email = page.get_by_label("Your e-mail")
    expect(email).to_be_focused()
    email.fill("ada")
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_text("Enter a valid email address.")).to_be_visible()
    email.fill("ada@example.org")
    page.get_by_role("button", name="Send me the link").click()
    expect(page.locator(".told")).to_contain_text("Look in your mail")
    expect(page.locator(".told")).to_be_focused()
    page.goto(site + mailed_link())
    expect(page.locator("main")).to_contain_text("You vote for “The sea”.")
    assert choices() == []
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".vote-for")).to_have_attribute("aria-pressed", "true")
    assert choices() == [1]


def test_voting_without_javascript(browser: Browser, site, entry):
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(site + entry.contest.get_absolute_url())
    page.get_by_role("button", name="Vote against “The sea”").click()
    page.get_by_label("Your e-mail").fill("ada@example.org")
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("status")).to_contain_text(["Look in your mail"])
    page.goto(site + mailed_link())
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".vote-against")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Vote against “The sea”").click()
    expect(page.locator(".vote-against")).to_have_attribute("aria-pressed", "false")
    context.close()
    assert choices() == []


def test_no_page_is_wider_than_a_telephone(page, site, entry):
    contest = entry.contest
    Entry.objects.update(title="x" * 120, description="y" * 500, first_name="z" * 60)
    paths = ["/", contest.get_absolute_url(), entry.get_absolute_url()]
    for width, path in product((320, 390), [*paths, f"{contest.get_absolute_url()}ranking/"]):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(site + path)
        assert page.evaluate("() => document.documentElement.scrollWidth") == width


def test_a_long_video_plays_on_and_can_be_sought(page, tmp_path):
    file = tmp_path / "long.mp4"
    picture = f"testsrc2=size=640x360:rate=25:duration={SECONDS}"
    rate = ["-b:v", "6M", "-minrate", "6M", "-maxrate", "6M", "-bufsize", "3M"]
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-x264-params", "nal-hrd=cbr"]
    form = ["-g", "25", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    subprocess.run([*FFMPEG, picture, *encode, *rate, *form, file], check=True)
    entry = make_ready_entry(video=file.read_bytes())
    # The second, and a half more, at which the first answer is used up.
    beyond = 1.5 * SECONDS * MAX_RANGE_BYTES / file.stat().st_size

    def time() -> float:
        return float(page.evaluate("() => document.querySelector('video').currentTime"))

    with served() as site:
        page.goto(site + entry.get_absolute_url())
        page.evaluate(
            "() => { const v = document.querySelector('video'); v.muted = true; v.play() }"
        )
        until(lambda: time() > beyond)
        page.evaluate(f"() => {{ document.querySelector('video').currentTime = {SECONDS - 2} }}")
        until(lambda: time() > SECONDS - 1)
        assert page.evaluate("() => document.querySelector('video').error") is None
