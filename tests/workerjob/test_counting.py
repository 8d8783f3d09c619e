import pytest

from workerjob.counting import Counter


def packet(second: float, size: int) -> dict[str, str]:
    return {"pts_time": str(second), "duration_time": "0.25", "flags": "K_", "size": str(size)}


def test_bytes_are_summed_up_from_moment_to_moment():
    counter = Counter()
    for number, size in enumerate((10, 20, 30, 40, 50)):
        counter.add(packet(1 + number / 4, size))
    read = counter.packets()
    assert read.bytes == 150
    assert read.filled == ((1.0, 0), (1.5, 30), (2.0, 100))
    assert (read.keyframes, read.keyframe_bytes) == ((1.0, 1.5, 2.0), (10, 30, 50))


def test_bytes_of_packets_without_a_time_or_a_size_do_no_harm():
    counter = Counter()
    counter.add({"flags": "K_", "size": "7"})
    counter.add({"pts_time": "2", "flags": "__"})
    assert (counter.packets().bytes, counter.packets().filled) == (7, ((2.0, 7),))


def test_moments_are_kept_for_the_longest_video_and_no_longer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("workerjob.counting._MOMENTS", 2)
    counter = Counter()
    for second in range(5):
        counter.add(packet(second, 1))
    assert counter.packets().filled == ((0.0, 0), (1.0, 1))
