import itertools
from dataclasses import replace

import pytest

from workerjob.limits import Limits, limits_for, probing

MB = 1 << 20
HD = 1920 * 1080


def test_a_small_file_gets_ten_seconds_and_little_memory() -> None:
    small = limits_for(Limits(), 100 << 10, 4096 * 2304, 1_000_000)
    assert (small.wall_seconds, small.memory, small.frugal) == (10, 248 * MB, True)
    assert small.file_bytes < 120 * MB


@pytest.mark.parametrize(
    "megabytes, pixels, rate", [(9, HD, 15), (45, 640 * 480, 25), (4000, HD, 60)]
)
def test_a_video_of_an_hour_has_the_time_it_needs(megabytes: int, pixels: int, rate: int) -> None:
    frames = 3600 * rate
    hour = limits_for(Limits(), megabytes * MB, pixels, frames)
    slow = frames * pixels / 60e6  # seconds: one slow processor
    assert hour.wall_seconds > min(1.5 * slow, 0.9 * Limits().wall_seconds)
    assert hour.file_bytes > min(Limits().file_bytes, megabytes * MB)
    assert not hour.frugal


def test_small_pictures_need_no_frugality() -> None:
    assert not limits_for(Limits(), 10 << 10, 320 * 240, 50).frugal


MEASURED = pytest.mark.parametrize(
    "pixels, measured", [(320 * 240, 102), (HD, 530), (4096 * 2304, 981)], ids=str
)


@MEASURED
def test_what_was_measured_fits(pixels: int, measured: int) -> None:
    assert limits_for(Limits(), 20 * MB, pixels, 100).memory > 1.5 * measured * MB


@MEASURED
def test_a_file_with_less_memory_is_converted_frugally(pixels: int, measured: int) -> None:
    given = [limits_for(Limits(), kilobytes << 10, pixels, 100) for kilobytes in range(9, 3000)]
    assert [each for each in given if not each.frugal and each.memory < measured * MB] == []


def test_more_bytes_never_get_less() -> None:
    sizes = [0, 1, 100 << 10, 101 << 10, MB, 10 * MB, 1 << 30, 1 << 40]
    given = [limits_for(Limits(), size, HD, 1000) for size in sizes]
    for earlier, later in itertools.pairwise(given):
        assert earlier.memory <= later.memory
        assert earlier.wall_seconds <= later.wall_seconds
        assert earlier.file_bytes <= later.file_bytes


def test_what_was_measured_can_only_lower_what_the_bytes_allow() -> None:
    before = limits_for(Limits(), 10 * MB)
    after = limits_for(Limits(), 10 * MB, 320 * 240, 50)
    assert after.wall_seconds < 61 < before.wall_seconds
    assert after.memory < before.memory


def test_nothing_exceeds_what_is_set() -> None:
    most = Limits(memory=MB, address_space=MB, cpu_seconds=1, file_bytes=5, wall_seconds=0.5)
    most = replace(most, frugal=True)
    assert limits_for(most, 1 << 40, HD, 1 << 40) == most
    assert probing(most) == most
