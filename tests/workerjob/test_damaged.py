"""Files that lost their end or some of their bytes: refused with a reason, or published honestly.

Where a container says how long it is, a short result is never silent. MPEG-PS and DV never say,
and a transport stream cut between two of its packets is a shorter transport stream.
"""

import functools
import random
import subprocess
from pathlib import Path

import pytest

from contests.reasons import Refused
from tests import encoders
from workerjob import intact
from workerjob.convert import Converted, convert

pytestmark = pytest.mark.slow

SECONDS = 3
FRAMES = 25 * SECONDS
_INPUTS = f"-f lavfi -i testsrc2=size=160x120:rate=25:duration={SECONDS}"
_INPUTS += f" -f lavfi -i sine=duration={SECONDS}"
_X264 = "-c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p"
FILES = {
    "flv": "-c:v flv -c:a libmp3lame -f flv",
    "flv_h264": f"{_X264} -c:a aac -f flv",
    "wmv": "-c:v wmv2 -c:a wmav2 -f asf",
    "avi": "-c:v mpeg4 -bf 2 -c:a libmp3lame -f avi",
    "avi_mjpeg": "-c:v mjpeg -c:a pcm_s16le -f avi",
    "mp4": f"{_X264} -c:a aac -f mp4",
    "mp4_front": f"{_X264} -c:a aac -movflags +faststart -f mp4",
    "mkv": f"{_X264} -c:a aac -f matroska",
    "webm": "-c:v libvpx -deadline realtime -cpu-used 8 -c:a libvorbis -f webm",
    "rm": "-s 176x144 -c:v rv10 -c:a ac3 -f rm",
    "mxf": "-c:v mpeg2video -c:a pcm_s16le -ar 48000 -f mxf",
    "ts": "-c:v mpeg2video -c:a mp2 -f mpegts",
    "ts_h264": f"{_X264} -c:a ac3 -f mpegts",
    "mpg": "-c:v mpeg2video -c:a mp2 -f mpeg",
    "ogv": "-c:v libtheora -c:a libvorbis -f ogg",
    "dv": "-s 720x576 -c:v dvvideo -pix_fmt yuv420p -c:a pcm_s16le -ar 48000 -ac 2 -f dv",
}
_SILENT_ABOUT_THEIR_LENGTH = ("ts", "ts_h264", "mpg", "dv", "ogv")
_OF_THE_MEDIA = {"truncated", "damaged", "no_frames", "no_video", "not_media", "unsupported_codec"}


@functools.cache
def whole(name: str, folder: Path) -> bytes:
    path = folder / name
    words = [*_INPUTS.split(), *FILES[name].split(), str(path)]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *words], check=True)
    return path.read_bytes()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("whole")


def attempt(source: Path, out: Path) -> Converted | str:
    try:
        return convert(source, out)
    except Refused as refused:
        return refused.code


@pytest.mark.parametrize("kept", [0.01, 0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("name", FILES)
def test_cut_off(name: str, kept: float, folder: Path, tmp_path: Path) -> None:
    content = whole(name, folder)
    source = tmp_path / "source"
    source.write_bytes(content[: int(len(content) * kept)])
    got = attempt(source, tmp_path / "out")
    if isinstance(got, str):
        assert got in _OF_THE_MEDIA
        assert name == "mp4" or kept <= 0.5 or (name, kept) == ("ogv", 0.01)
        return
    assert kept > 0.5 or name in _SILENT_ABOUT_THEIR_LENGTH
    lasts = got.renditions[0].duration
    assert lasts <= SECONDS * 1.05
    short = lasts < 0.95 * SECONDS
    silent = name in ("mpg", "dv") or (name[:2] == "ts" and not intact.ends_abruptly(source))
    assert got.partial or not short or silent


@pytest.mark.parametrize("rotten", [0.001, 0.01])
@pytest.mark.parametrize("name", FILES)
def test_rotten(name: str, rotten: float, folder: Path, tmp_path: Path) -> None:
    content = bytearray(whole(name, folder))
    dice = random.Random(f"{name} {rotten}")
    for _ in range(int(len(content) * rotten)):
        content[dice.randrange(len(content))] = dice.randrange(256)
    source = tmp_path / "source"
    source.write_bytes(content)
    got = attempt(source, tmp_path / "out")
    if isinstance(got, str):
        assert got in _OF_THE_MEDIA | {"unsupported_format", "too_large_picture", "protected"}
    else:
        # Rot in a time stamp may stretch the video; what comes out plays all the same.
        assert encoders.decodes(tmp_path / "out" / "video.mp4")
