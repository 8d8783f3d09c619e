"""Files that lost their end or some of their bytes: refused with a reason, or published honestly.

Where a container says how long it is, a short result is never silent. MPEG-PS never says, and a
transport stream or DV cut between two packets or pictures is just a shorter one.
"""

from pathlib import Path

import pytest

from contests.reasons import Refused
from tests import damaged_media, encoders
from tests.damaged_media import FILES, KEPT, ROTTEN, SECONDS
from workerjob import intact
from workerjob.convert import Converted, convert

pytestmark = pytest.mark.slow

_SILENT_ABOUT_THEIR_LENGTH = ("ts", "ts_h264", "mpg", "dv", "ogv")
_OF_THE_MEDIA = {"truncated", "damaged", "no_frames", "no_video", "not_media", "unsupported_codec"}


def attempt(source: Path, out: Path) -> Converted | str:
    try:
        return convert(source, out)
    except Refused as refused:
        return refused.code


@pytest.mark.parametrize("kept", KEPT)
@pytest.mark.parametrize("name", FILES)
def test_cut_off(name: str, kept: float, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(damaged_media.cut(name, kept))
    got = attempt(source, tmp_path / "out")
    if isinstance(got, str):
        assert got in _OF_THE_MEDIA
        assert name == "mp4" or kept <= 0.5 or (name, kept) == ("ogv", 0.01)
        return
    assert kept > 0.5 or name in _SILENT_ABOUT_THEIR_LENGTH
    lasts = got.renditions[0].duration
    assert lasts <= SECONDS * 1.05
    short = lasts < 0.95 * SECONDS
    silent = name == "mpg" or (name[:2] in ("ts", "dv") and not intact.ends_abruptly(source))
    assert got.partial or not short or silent


@pytest.mark.parametrize("rotten", ROTTEN)
@pytest.mark.parametrize("name", FILES)
def test_rotten(name: str, rotten: float, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(damaged_media.rotten(name, rotten))
    got = attempt(source, tmp_path / "out")
    if isinstance(got, str):
        assert got in _OF_THE_MEDIA | {"unsupported_format", "too_large_picture", "protected"}
    else:
        # Rot in a time stamp may stretch the video; what comes out plays all the same.
        assert encoders.decodes(tmp_path / "out" / "video.mp4")
