"""Which pictures become posters, and how a copied video's are found. No process runs here."""

from dataclasses import replace

import pytest

from tests.workerjob.test_plan import READ, VIDEO, planned
from workerjob import posters
from workerjob.plan import Profile


def test_of_a_copy_only_keyframes_are_decoded_unless_they_are_few_and_it_is_short() -> None:
    many = replace(READ, keyframes=(0.0, 2.0, 4.0, 6.0))
    long = replace(READ, end=60.0)
    read = [
        posters.of_copied(planned(replace(VIDEO, packets=packets)))[0]
        for packets in (READ, many, long)
    ]
    keyframes = [{"threads:v": "1", "skip_frame:v": "nokey"}]
    assert read == [[{"threads:v": "1"}], keyframes, keyframes]


def test_of_a_copy_with_many_keyframes_the_longest_of_each_third_are_jumped_to() -> None:
    packets = replace(
        READ,
        keyframes=tuple(float(n) for n in range(12)),
        keyframe_bytes=(1, 2, 9, 1, 1, 7, 1, 1, 5, 5, 6, 5),
    )
    jumps, _ = posters.of_copied(planned(replace(VIDEO, packets=packets)))
    assert [each["ss"] for each in jumps] == ["2.200000", "5.200000", "10.200000"]


def test_poster_is_at_most_1280_wide() -> None:
    big = replace(VIDEO, width=1920, height=1080)
    tall = replace(VIDEO, width=1080, height=1920)
    sizes = [posters.size(planned(s, profile=Profile())) for s in (big, tall, VIDEO)]
    assert sizes == [(1280, 720), (720, 1280), (1280, 720)]


@pytest.mark.parametrize(
    "sizes, best",
    [
        ([5, 9, 1, 8, 7, 2, 3, 4, 6], [1, 3, 8]),
        ([1, 1, 1, 1, 1, 1, 9, 1, 1], [6, 0, 3]),
        ([4, 6], [1, 0]),
        ([4], [0]),
    ],
)
def test_posters_are_the_fullest_of_each_third(sizes: list[int], best: list[int]) -> None:
    assert posters.best(sizes) == best
