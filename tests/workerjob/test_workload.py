"""How much work there is, and how much of it is done. No process runs here."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from workerjob.plan import Plan, plan
from workerjob.probed import Packets, Probe, Stream
from workerjob.workload import megapixels, share_done

# 10 seconds from 100 on; the first half is calm and the second one busy.
READ = Packets(
    count=250,
    shown=250,
    start=100.0,
    end=110.0,
    bytes=1_000_000,
    filled=((100.0, 0), (105.0, 100_000)),
)
VIDEO = Stream(
    *(0, "video", "wmv2"), width=400, height=100, rate=Fraction(25), pixels="yuv420p", packets=READ
)


def planned(**changes: Any) -> Plan:
    return plan(Probe("asf", 10.0, (replace(VIDEO, **changes),)))


def test_work_is_the_pixels_encoded() -> None:
    assert megapixels(planned()) == 10


def test_what_is_made_smaller_or_slower_counts_as_it_becomes() -> None:
    made = planned(width=3840, height=960)
    assert (made.width, made.height, megapixels(made)) == (1920, 480, 230.4)
    fast = replace(READ, shown=1000, count=1000)
    assert megapixels(planned(rate=Fraction(100), packets=fast)) == pytest.approx(20)


def test_what_is_copied_is_no_work() -> None:
    found = planned(codec="h264", profile="High", level=31, has_header=True)
    copied = plan(Probe("mov", 10.0, (found.video.stream,)))
    assert copied.video.action == "copy"
    assert megapixels(copied) == 0
    assert share_done(copied, 10) == 1


@pytest.mark.parametrize(
    "second, time, code",
    [(-1, 0, 0), (0, 0, 0), (2.5, 0.25, 0.05), (5, 0.5, 0.1), (7.5, 0.75, 0.55), (10, 1, 1)],
)
def test_busy_seconds_are_more_work_than_calm_ones(second: float, time: float, code: float) -> None:
    assert share_done(planned(), second) == pytest.approx(0.3 * time + 0.7 * code)


def test_more_than_all_is_never_done() -> None:
    assert share_done(planned(), 99) == 1


def test_without_bytes_time_alone_counts() -> None:
    assert share_done(planned(packets=replace(READ, bytes=0, filled=())), 4) == pytest.approx(0.4)


def test_without_any_time_nothing_breaks() -> None:
    assert share_done(planned(packets=Packets(count=1, shown=1)), 0) == 0
