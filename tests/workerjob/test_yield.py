"""Whatever this ffmpeg can write and decode comes out playable, unless we say no on purpose."""

import functools
import itertools
import subprocess
from pathlib import Path

import pytest

from contests.reasons import Refused
from tests import encoders
from workerjob.convert import convert

# Frames of films and of picture editing, which no camera or recorder puts into a video; and three
# whose decoders have holes (VC-2 is Dirac's).
_NOT_ACCEPTED = {"dpx", "sgi", "cfhd", "magicyuv", "vc2"}


@functools.cache
def listed(kind: str) -> list[str]:
    return encoders.encoders(kind)


@pytest.mark.slow
@pytest.mark.parametrize("encoder", listed("video"))
def test_every_picture_codec(encoder: str, tmp_path: Path) -> None:
    source = encoders.first_clip(tmp_path, "video", encoder)
    if source is None:
        pytest.skip("no container of ours takes it")
    if encoder in _NOT_ACCEPTED:
        with pytest.raises(Refused, match="unsupported_codec"):
            convert(source, tmp_path / "out")
        return
    done = convert(source, tmp_path / "out")
    assert not done.partial
    assert encoders.decodes(tmp_path / "out" / "video.mp4")


@pytest.mark.slow
@pytest.mark.parametrize("encoder", listed("audio"))
def test_every_sound_codec_leaves_the_picture(encoder: str, tmp_path: Path) -> None:
    source = encoders.first_clip(tmp_path, "audio", encoder)
    if source is None:
        pytest.skip("no container of ours takes it")
    done = convert(source, tmp_path / "out")
    assert encoders.decodes(tmp_path / "out" / "video.mp4")
    # It is heard, or its absence is told. (MPEG-TS carries what it does not know as mere data.)
    sounds = [d for d in done.plan.decisions if d.stream.kind == "audio"]
    assert done.plan.audio or done.partial or done.plan.warnings or not sounds


_NAMES = ("avi", "flv", "wmv", "mp4", "mov", "3gp", "mkv", "webm", "mpg", "mts", "ogv", "mxf")
_BOXES = ("ogg", "mpegts", "matroska", "mov", "asf", "flv", "avi")


# What ffmpeg reads is called "source" (job.py), so each name need meet one container, not its own.
@pytest.mark.slow
@pytest.mark.parametrize(
    "extension, container",
    list(zip((*_NAMES, "dv", "rm", "txt", "m3u8", "jpg"), itertools.cycle(_BOXES), strict=False)),
)
def test_the_content_counts_not_the_name(
    extension: str, container: str, made: Path, tmp_path: Path
) -> None:
    source = tmp_path / f"source.{extension}"
    source.symlink_to(made / container)
    convert(source, tmp_path / "out")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("containers")
    codecs = {"flv": "flv", "asf": "wmv2", "ogg": "libtheora"}
    for container in _BOXES:
        picture = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=0.4"]
        words = ["-c:v", codecs.get(container, "mpeg2video"), "-f", container]
        path = str(folder / container)
        subprocess.run(["ffmpeg", "-v", "error", *picture, *words, path], check=True)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "size, shrunk",
    [
        ("16x16", (16, 16)),
        ("17x33", (16, 32)),
        ("640x16", (640, 16)),
        ("16x640", (16, 640)),
        ("1919x1079", (1918, 1078)),
        ("1922x1082", (1918, 1080)),
        ("3840x2160", (1920, 1080)),
        ("2160x3840", (1080, 1920)),
        ("4096x2304", (1920, 1080)),
    ],
)
def test_sizes(size: str, shrunk: tuple[int, int], tmp_path: Path) -> None:
    source = _make(tmp_path / "s.mkv", f"testsrc2=size={size}:rate=5:duration=0.6", "ffv1")
    done = convert(source, tmp_path / "out")
    assert (done.renditions[0].width, done.renditions[0].height) == shrunk


@pytest.mark.slow
@pytest.mark.parametrize("codec, box", [("mpeg4", "avi"), ("wmv2", "asf"), ("flv", "flv")])
@pytest.mark.parametrize(
    "rate, frames, seconds",
    [(1, 1, 1), (1, 5, 5), (25, 1, 0.04), (25, 2, 0.08), (240, 240, 1), (120, 60, 0.5)],
)
def test_rates(
    rate: int, frames: int, seconds: float, codec: str, box: str, tmp_path: Path
) -> None:
    picture = f"testsrc2=size=64x48:rate={rate}:duration={frames / rate:.6f}"
    done = convert(_make(tmp_path / f"s.{box}", picture, codec), tmp_path / "out")
    # Some containers cannot say how long a single picture lasts.
    slack = 1.1 if frames == 1 else 0.1
    assert done.renditions[0].duration == pytest.approx(seconds, abs=slack)


def _make(path: Path, picture: str, codec: str) -> Path:
    words = ["-f", "lavfi", "-i", picture, "-c:v", codec, "-strict", "-2", str(path)]
    subprocess.run(["ffmpeg", "-v", "error", *words], check=True)
    return path
