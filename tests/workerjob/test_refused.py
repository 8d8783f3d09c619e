"""What is no video we can take is refused, each with its reason."""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from contests.reason_texts import REASONS
from contests.reasons import Refused
from tests import media
from tests.looking import everything_in, look
from workerjob.convert import Tools, convert
from workerjob.sandbox import Limits


@pytest.mark.parametrize("name", ["mp4", "flv_h264_aac", "wmv2", "avi_mjpeg_pcm", "mkv"])
@pytest.mark.parametrize("kept", [0.1, 0.5])
def test_what_was_cut_off_is_refused(name: str, kept: float, tmp_path: Path) -> None:
    whole = media.clip(name).read_bytes()
    assert_refused("truncated", whole[: int(len(whole) * kept)], tmp_path)


@pytest.mark.parametrize("name", ["flv_h264_aac", "wmv2", "avi_mjpeg_pcm", "mkv"])
def test_what_was_cut_off_near_its_end_is_published_as_partial(name: str, tmp_path: Path) -> None:
    whole = media.clip(name).read_bytes()
    source = tmp_path / "source"
    source.write_bytes(whole[: int(len(whole) * 0.9)])
    done = convert(source, tmp_path / "out")
    assert done.partial
    assert 0.8 * media.SECONDS < done.renditions[0].duration < 0.98 * media.SECONDS


def test_a_cut_off_mp4_whose_index_is_in_front_is_refused(tmp_path: Path) -> None:
    words = ("-c", "copy", "-movflags", "+faststart", tmp_path / "front.mp4")
    subprocess.run(["ffmpeg", "-v", "error", "-i", media.clip("mp4"), *words], check=True)
    whole = (tmp_path / "front.mp4").read_bytes()
    assert_refused("truncated", whole[: len(whole) // 2], tmp_path)


@pytest.mark.parametrize(
    "code, content",
    [
        ("empty_file", b""),
        ("not_media", b"This is text, whatever its name says.\n" * 100),
        ("not_media", b"\x00" * 5000),
        (
            "unsupported_format",
            b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n",
        ),
        ("damaged", b"RIFF\xff\xff\xff\xffAVI LIST" + b"\x00" * 100),
        ("truncated", struct.pack(">I4s", 1 << 20, b"mdat") + b"\x00" * 100),
    ],
)
def test_what_is_no_video_is_refused(code: str, content: bytes, tmp_path: Path) -> None:
    assert_refused(code, content, tmp_path)


@pytest.mark.parametrize(
    "name, code",
    [
        ("sound_only", "no_video"),
        ("playlist", "unsupported_format"),
        ("protected", "protected"),
        ("too_large", "too_large_picture"),
        ("magicyuv", "unsupported_codec"),
        ("many_pictures", "unsupported_format"),
    ],
)
def test_videos_we_cannot_take_are_refused(name: str, code: str, tmp_path: Path) -> None:
    assert_refused(code, media.clip(name).read_bytes(), tmp_path)


def assert_refused(code: str, content: bytes, folder: Path) -> None:
    source = folder / "renamed.avi"
    source.write_bytes(content)
    with pytest.raises(Refused) as refused:
        convert(source, folder / "out")
    assert (refused.value.code, refused.value.code in REASONS) == (code, True)
    assert everything_in(folder / "out") == [] if content else True


def test_a_playlist_reads_no_neighbour(tmp_path: Path) -> None:
    shutil.copy(media.clip("playlist").with_suffix(".ts"), tmp_path / "playlist.ts")
    assert_refused("unsupported_format", media.clip("playlist").read_bytes(), tmp_path)


def test_a_header_that_lies_about_the_duration_is_not_believed(tmp_path: Path) -> None:
    content = media.clip("flv_h264_aac").read_bytes()
    at = content.index(b"duration\x00") + len(b"duration\x00")
    source = tmp_path / "liar.flv"
    source.write_bytes(content[:at] + struct.pack(">d", 143165.0) + content[at + 8 :])
    assert float(look(source)["format"]["duration"]) == 143165.0
    done = convert(source, tmp_path / "out")
    assert done.renditions[0].duration == pytest.approx(2.0, abs=0.1)


def test_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="too_long"):
        convert(media.clip("mp4"), tmp_path, Tools(limits=Limits(media_seconds=1)))
