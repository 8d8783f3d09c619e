import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backends.queue import Message
from contests import converting
from contests.models import Conversion, State
from tests.factories import make_entry
from workerjob import reporting
from workerjob.lease import Lease
from workerjob.reporting import Reporter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clock(monkeypatch) -> SimpleNamespace:
    """The reporter's clock, set by hand."""
    clock = SimpleNamespace(now=1000.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr(reporting, "time", clock)
    return clock


@pytest.fixture
def lease() -> Lease:
    claim = converting.claim(make_entry().conversions.get().pk, "w")
    return Lease(claim, Message({}, "", 1), time.monotonic())


def row() -> Conversion:
    return Conversion.objects.get(state=State.RUNNING)


def left() -> float:
    """Seconds until it is expected to be ready."""
    ready_at = row().ready_at
    assert ready_at
    return (ready_at - timezone.now()).total_seconds()


def test_the_first_report_tells_the_work_and_later_ones_come_once_a_second(clock, lease):
    reporter = Reporter(lease)
    reporter.planned(12.5)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for step in range(31):  # 3 seconds
            reporter.heard("encode", step / 100)
            clock.now += 0.1
    updates = [query for query in queries if query["sql"].startswith("UPDATE")]
    assert len(updates) == 4
    assert (row().megapixels, row().percent) == (12.5, 28)


def test_other_stages_write_nothing(clock, lease):
    reporter = Reporter(lease)
    reporter.heard("probe", 0.0)
    reporter.heard("verify", 0.0)
    assert (row().megapixels, row().percent, row().ready_at) == (None, 0, None)


def test_it_will_be_ready_when_the_rest_went_as_the_part_before(clock, lease):
    reporter = Reporter(lease)
    clock.now += 2  # fetching and probing
    reporter.planned(1.0)
    reporter.heard("encode", 0.0)
    assert row().ready_at is None
    clock.now += 19
    reporter.heard("encode", 0.5)
    # 38 seconds of encoding are 95 %, so 40 in all, and 2 for storing as for fetching.
    assert left() == pytest.approx(40 - 19 + 2, abs=1)


def test_what_others_took_is_told_at_once(clock, lease):
    now = timezone.now()
    other = make_entry(state=State.SUCCEEDED).conversions.filter(state=State.SUCCEEDED)
    other.update(started_at=now - timedelta(seconds=19), finished_at=now, megapixels=10)
    reporter = Reporter(lease)
    reporter.planned(100.0)
    reporter.heard("encode", 0.0)
    assert left() == pytest.approx(200, abs=1)


def test_a_second_try_begins_its_work_anew_but_the_percentage_stays(clock, lease):
    reporter = Reporter(lease)
    reporter.planned(0.0)
    reporter.heard("encode", 1.0)
    clock.now += 10
    reporter.planned(5.0)
    reporter.heard("encode", 0.1)
    assert (row().percent, row().megapixels) == (95, 5.0)


def test_a_later_attempt_begins_at_nothing_and_knows_the_work(clock, lease):
    reporter = Reporter(lease)
    reporter.planned(5.0)
    clock.now += 5
    reporter.heard("encode", 0.5)
    assert row().ready_at
    Conversion.objects.update(lease_until=Now() - timedelta(seconds=1))
    converting.claim(lease.claim.id, "w2")
    assert (row().percent, row().ready_at, row().megapixels) == (0, None, 5.0)


def test_who_reports_on_what_another_holds_is_stopped(clock, lease):
    reporter = Reporter(lease)
    reporter.planned(1.0)
    Conversion.objects.update(attempt=2)
    reporter.heard("encode", 0.5)
    assert lease.stop.is_set()
    assert row().percent == 0
