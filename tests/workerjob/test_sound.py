"""Sound is as loud as it was, and what is not needed of it does no harm."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.looking import make
from workerjob.convert import Converted, convert


def loudness(path: Path) -> float:
    words = ["-af", "ebur128", "-f", "null", "-"]
    done = subprocess.run(["ffmpeg", "-i", path, *words], capture_output=True, text=True)
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", done.stderr)[-1])


NOISE = "anoisesrc=color=pink:amplitude=0.1:seed={}:duration=4:sample_rate=48000"


@pytest.mark.parametrize(
    "coding",
    [
        "-c:a ac3 -b:a 448k",
        "-c:a pcm_s16le",
        "-c:a aac -b:a 384k",
        "-c:a flac",
        "-c:a dca -strict -2",
    ],
)
def test_surround_keeps_its_loudness(coding: str, tmp_path: Path) -> None:
    picture = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=4"]
    inputs = [word for n in range(6) for word in ("-f", "lavfi", "-i", NOISE.format(n))]
    # What films are like: most in front, a little around.
    levels = [0.8, 0.8, 1.0, 0.3, 0.3, 0.3]
    quiet = ";".join(f"[{n + 1}]volume={level}[a{n}]" for n, level in enumerate(levels))
    graph = f"{quiet};[a0][a1][a2][a3][a4][a5]join=inputs=6:channel_layout=5.1[a]"
    words = ["-filter_complex", graph, "-map", "0:v", "-map", "[a]", "-c:v", "mpeg4"]
    source = make(tmp_path / "source.mkv", *picture, *inputs, *words, *coding.split())
    convert(source, tmp_path / "out")
    result = tmp_path / "out" / "video.mp4"
    assert loudness(result) == pytest.approx(loudness(source), abs=1.0)
    assert not clips(result)


def test_surround_at_full_level_does_not_clip(tmp_path: Path) -> None:
    picture = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=2"]
    tone = "sine=frequency=440:duration=2,volume=17dB,aformat=channel_layouts=mono"
    graph = "[1]pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0[a]"
    words = ["-filter_complex", graph, "-map", "0:v", "-map", "[a]", "-c:v", "mpeg4"]
    source = make(
        tmp_path / "s.mkv", *picture, "-f", "lavfi", "-i", tone, *words, "-c:a", "pcm_s16le"
    )
    convert(source, tmp_path / "out")
    assert not clips(tmp_path / "out" / "video.mp4")


def clips(path: Path) -> bool:
    words = ["-af", "volumedetect", "-f", "null", "-"]
    done = subprocess.run(["ffmpeg", "-i", path, *words], capture_output=True, text=True)
    return float(re.findall(r"max_volume: (-?[\d.]+) dB", done.stderr)[0]) >= 0.0


@pytest.mark.parametrize(
    "extra, told",
    [
        # Nobody allowed these decoders, and nobody needs them.
        ("-map 1 -c:a:1 sonic -strict -2", False),
        ("-map 1 -c:a:1 wavpack", False),
        # Sound of a kind we do not decode is left out, and the participant told.
        ("-c:a:0 sonic -strict -2", True),
    ],
)
def test_a_stream_that_is_not_needed_refuses_nothing(
    extra: str, told: bool, tmp_path: Path
) -> None:
    both = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=1 -f lavfi -i sine=duration=1"
    words = "-map 0 -map 1 -c:v libx264 -pix_fmt yuv420p -c:a:0 aac"
    source = make(tmp_path / "s.mkv", *both.split(), *words.split(), *extra.split())
    done: Converted = convert(source, tmp_path / "out")
    assert (done.partial, done.plan.audio is None) == (told, told)
