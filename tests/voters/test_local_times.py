"""A contest's dates on the clock of whoever reads them."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser

from contests.models import Contest
from tests.factories import make_contest
from tests.server import served

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site() -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def contest() -> Contest:
    """A contest in Madrid, from before to after the end of its summer time."""
    moments = [datetime(2026, *day, tzinfo=UTC) for day in ((10, 1, 6), (12, 1, 23), (12, 9, 9))]
    return make_contest(
        zone="Europe/Madrid",
        submissions_open=moments[0],
        submissions_close=moments[1],
        voting_open=moments[1],
        voting_close=moments[2],
    )


def beside(browser: Browser, address: str, zone: str) -> list[str]:
    """What stands beside the dates for somebody in a zone."""
    context = browser.new_context(timezone_id=zone, locale="en-GB")
    page = context.new_page()
    page.goto(address)
    texts = page.locator(".local-time").all_text_contents()
    context.close()
    return texts


def test_who_reads_them_elsewhere_sees_their_own_hours(browser, site, contest):
    address = site + contest.get_absolute_url()
    assert beside(browser, address, "Europe/Madrid") == []
    assert beside(browser, address, "Europe/Paris") == []  # the same clock
    bogota = beside(browser, address, "America/Bogota")
    assert [text.replace("\u202f", " ") for text in bogota] == [
        "for you Oct 1, 2026, 1:00 AM",
        "for you Dec 1, 2026, 6:00 PM",
        "for you Dec 1, 2026, 6:00 PM",
        "for you Dec 9, 2026, 4:00 AM",
    ]
    submit = beside(browser, f"{address}participar/", "America/Bogota")
    assert [text[:20] for text in submit] == ["(for you Oct 1, 2026", "(for you Dec 1, 2026"]
