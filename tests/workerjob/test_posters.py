"""Which pictures become posters: as planned, and in what comes out."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests import media
from tests.looking import make, names, pixels, quarters, video
from tests.workerjob.test_plan import READ, VIDEO, planned
from workerjob import posters
from workerjob.convert import convert
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


@pytest.mark.parametrize("container, headed", [("flv", False), ("mov,mp4,m4a,3gp,3g2,mj2", True)])
def test_of_a_copy_with_many_keyframes_the_longest_of_each_third_are_jumped_to(
    container: str, headed: bool
) -> None:
    packets = replace(
        READ,
        keyframes=tuple(float(n) for n in range(12)),
        keyframe_bytes=(1, 2, 9, 1, 1, 7, 1, 1, 5, 5, 6, 5),
    )
    jumps, _ = posters.of_copied(planned(replace(VIDEO, packets=packets), container=container))
    assert [each["ss"] for each in jumps] == ["2.200000", "5.200000", "10.200000"]
    assert ["nofind_stream_info" in each for each in jumps] == [headed] * 3


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


def test_poster_of_a_video_that_begins_black_is_not_black(tmp_path: Path) -> None:
    source = tmp_path / "fade.avi"
    fade = ("-i", media.clip("avi_mjpeg_pcm"), "-vf", "fade=in:st=0.8:d=0.2", "-c:v", "mpeg4")
    subprocess.run(["ffmpeg", "-v", "error", *fade, source], check=True)
    convert(source, tmp_path / "out")
    poster = tmp_path / "out" / "poster.jpg"
    words = ["-vf", "blackframe=amount=0", "-f", "null", "-"]
    done = subprocess.run(["ffmpeg", "-i", poster, *words], capture_output=True, text=True)
    black = int(done.stderr.split("pblack:")[1].split()[0])
    assert black < 50


@pytest.mark.parametrize("size, wide, high", [("160x120", 840, 630), ("120x160", 472, 630)])
@pytest.mark.parametrize("copied", [False, True])
def test_the_picture_for_social_networks_is_whole(
    size: str, wide: int, high: int, copied: bool, tmp_path: Path
) -> None:
    resized = f"scale={size.replace('x', ':')},setsar=1"
    coding = ["-c:v", "libx264", "-profile:v", "high"] if copied else ["-c:v", "mpeg4", "-q:v", "1"]
    whole = make(
        tmp_path / "s.mp4", "-i", str(quarters(tmp_path / "q.mkv")), "-vf", resized, *coding
    )
    done = convert(whole, tmp_path / "out")
    assert done.plan.video.action == ("copy" if copied else "transcode")
    path = tmp_path / "out" / "share.jpg"
    shown = video(path)
    assert (shown["width"], shown["height"], shown["sample_aspect_ratio"]) == (1200, 630, "1:1")
    inside = make(tmp_path / "inside.png", "-i", str(path), "-vf", f"crop={wide}:{high}")
    assert names(inside, 2, 2) == "RGBW"
    left = make(
        tmp_path / "left.png", "-i", str(path), "-vf", f"crop={(1200 - wide) // 2 - 4}:630:0:0"
    )
    assert max(pixels(left, 1, 1)[0]) < 20


def test_posters_show_different_moments_and_are_not_black(tmp_path: Path) -> None:
    # One second each: black, red with detail, green with detail, blue with detail, black.
    parts = []
    for colour in ("black", "red", "lime", "blue", "black"):
        shown = f"testsrc2=s=160x120:r=10:d=1,drawbox=c={colour}:t=fill:y=30"
        dark = "color=black:s=160x120:r=10:d=1"
        parts += ["-f", "lavfi", "-i", dark if colour == "black" else shown]
    source = make(tmp_path / "s.avi", *parts, "-filter_complex", "concat=5", "-c:v", "mpeg4")
    done = convert(source, tmp_path / "out")
    posters = [r.path for r in done.renditions if r.kind == "poster"]
    seen = [names(path, 1, 2)[1] for path in posters]
    assert sorted(seen) == ["B", "G", "R"]


@pytest.mark.parametrize("extension", ["mp4", "flv", "mkv"])
def test_of_a_copy_with_many_keyframes_the_fullest_become_posters(
    extension: str, tmp_path: Path
) -> None:
    # A second each, a keyframe every half.
    parts = []
    for colour in ("black", "red", "black", "lime", "black", "blue", "black"):
        shown = f"testsrc2=s=160x120:r=10:d=1,drawbox=c={colour}:t=fill:y=30"
        dark = "color=black:s=160x120:r=10:d=1"
        parts += ["-f", "lavfi", "-i", dark if colour == "black" else shown]
    graph = "concat=7,format=yuv420p"
    words = ["-filter_complex", graph, "-c:v", "libx264", "-g", "5", "-profile:v", "high"]
    source = make(tmp_path / f"s.{extension}", *parts, *words)
    done = convert(source, tmp_path / "out")
    assert done.plan.video.action == "copy"
    assert len(done.plan.video.stream.packets.keyframes) == 14
    posters = [r.path for r in done.renditions if r.kind == "poster"]
    assert sorted(names(path, 1, 2)[1] for path in posters) == ["B", "G", "R"]
