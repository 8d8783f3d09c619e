"""Real clips of every kind we promise, converted for real and looked at with ffprobe."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import media
from tests.looking import FILES, actions, everything_in, look
from workerjob.convert import convert
from workerjob.intact import boxes


@pytest.mark.parametrize(
    "name, size, sound, done_with",
    [
        ("flv_sorenson_mp3", (320, 240), 1, ["mp3 transcode", "flv1 transcode"]),
        ("flv_h264_aac", (320, 240), 1, ["h264 copy", "aac copy"]),
        ("wmv1", (320, 240), 1, ["wmv1 transcode", "wmav1 transcode"]),
        ("wmv2", (320, 240), 1, ["wmv2 transcode", "wmav2 transcode"]),
        ("avi_xvid_mp3", (320, 240), 1, ["mpeg4 transcode", "mp3 transcode"]),
        ("avi_mjpeg_pcm", (320, 240), 1, ["mjpeg transcode", "pcm_s16le transcode"]),
        ("avi_dv", (768, 576), 1, ["dvvideo transcode", "pcm_s16le transcode"]),
        ("mp4", (320, 240), 1, ["h264 copy", "aac copy"]),
        ("mov_rotated", (240, 320), 1, ["h264 transcode", "aac copy"]),
        ("mkv", (320, 240), 1, ["h264 copy", "aac copy"]),
        ("mkv_h264_opus", (320, 240), 1, ["h264 copy", "opus transcode"]),
        ("webm", (320, 240), 1, ["vp8 transcode", "vorbis transcode"]),
        ("odd_size", (320, 240), 1, ["mpeg4 transcode", "mp3 transcode"]),
        ("wide_pixels", (426, 240), 1, ["h264 transcode", "aac copy"]),
        ("no_audio", (320, 240), 0, ["h264 copy"]),
        ("ten_bit", (320, 240), 0, ["h264 transcode"]),
        ("full_range", (320, 240), 0, ["h264 transcode"]),
        ("variable_rate", (320, 240), 1, ["mpeg4 transcode", "vorbis transcode"]),
        ("fast_120", (320, 240), 0, ["h264 transcode"]),
        ("large_1440p", (1920, 1080), 0, ["h264 transcode"]),
        ("subtitles", (320, 240), 1, ["h264 copy", "aac copy", "ass drop"]),
        ("surround", (320, 240), 1, ["h264 copy", "ac3 transcode"]),
        ("black", (320, 240), 0, ["h264 copy"]),
    ],
)
def test_every_format_becomes_what_browsers_play(
    name: str, size: tuple[int, int], sound: int, done_with: list[str], tmp_path: Path
) -> None:
    done = convert(media.clip(name), tmp_path)

    found = look(tmp_path / "video.mp4")
    video, *audio = found["streams"]
    assert actions(done) == done_with
    keys = ("codec_name", "profile", "pix_fmt", "width", "height", "sample_aspect_ratio")
    assert [video[key] for key in keys] == ["h264", "High", "yuv420p", *size, "1:1"]
    assert "side_data_list" not in video  # no display matrix: it is upright by itself
    assert eval_rate(video["avg_frame_rate"]) <= 60
    assert [[a["codec_name"], a["profile"]] for a in audio] == [["aac", "LC"]] * sound
    assert all(a["channels"] <= 2 for a in audio)
    frame = 0.04  # AVI's writer leaves a hole of one
    assert float(video["duration"]) == pytest.approx(media.SECONDS, abs=0.02 + frame)
    names = [name for name, _, _ in boxes(tmp_path / "video.mp4")]
    assert names.index(b"moov") < names.index(b"mdat")
    assert everything_in(tmp_path) == FILES


def eval_rate(text: str) -> float:
    above, below = text.split("/")
    return int(above) / int(below)


def test_renditions_are_described_as_they_are(tmp_path: Path) -> None:
    done = convert(media.clip("wmv2"), tmp_path)
    video, poster, *others, share = done.renditions
    assert (share.kind, share.path.name, share.width, share.height) == (
        *("share", "share.jpg"),
        *(1200, 630),
    )
    assert share.bytes == share.path.stat().st_size
    assert [(other.kind, other.path.name) for other in others] == [
        ("poster", "poster2.jpg"),
        ("poster", "poster3.jpg"),
    ]
    assert (video.kind, video.path, video.codec) == ("mp4", tmp_path / "video.mp4", "h264")
    assert (video.width, video.height, video.bytes) == (320, 240, video.path.stat().st_size)
    assert video.duration == pytest.approx(float(look(video.path)["format"]["duration"]), abs=0.05)
    assert (poster.kind, poster.path, poster.codec) == ("poster", tmp_path / "poster.jpg", "mjpeg")
    picture = look(poster.path)["streams"][0]
    assert (picture["codec_name"], picture["width"], picture["height"]) == ("mjpeg", 320, 240)
    assert set(done.seconds) == {"probe", "encode", "verify"}


def pictures_of(path: Path) -> list[str]:
    """The checksum of every picture."""
    words = ("-map", "0:v", "-f", "framemd5", "-")
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", path, *words], capture_output=True)
    lines = done.stdout.decode().splitlines()
    return [line.split(",")[-1] for line in lines if not line.startswith("#")]


def keyframes_of(path: Path) -> int:
    words = ("-v", "error", "-select_streams", "v", "-show_entries", "packet=flags", "-of", "csv")
    return subprocess.run(["ffprobe", *words, path], capture_output=True).stdout.count(b"K")


@pytest.mark.parametrize(
    "name, told", [("mp4", False), ("open_groups", True), ("no_keyframes", True)]
)
def test_a_copy_tells_who_encoded_it_only_if_it_could_not_be_wound_without(
    name: str, told: bool, tmp_path: Path
) -> None:
    source = media.clip(name)
    done = convert(source, tmp_path)
    result = tmp_path / "video.mp4"
    assert actions(done)[0] == "h264 copy"
    assert [b"x264 - core" in path.read_bytes() for path in (source, result)] == [True, told]
    assert pictures_of(result) == pictures_of(source)
    assert keyframes_of(result) == keyframes_of(source) > 0


def test_one_frame_is_a_video_too(tmp_path: Path) -> None:
    convert(media.clip("one_frame"), tmp_path)
    assert look(tmp_path / "video.mp4")["streams"][0]["nb_read_packets"] == "1"


def test_progress_goes_through_the_stages_up_to_done(tmp_path: Path) -> None:
    heard: list[tuple[str, float]] = []
    work: list[float] = []
    convert(
        *(media.clip("wmv2"), tmp_path),
        progress=lambda *step: heard.append(step),
        planned=work.append,
    )
    assert work == [pytest.approx(2 * 25 * 320 * 240 / 1e6, rel=0.05)]
    stages = list(dict.fromkeys(stage for stage, _ in heard))
    assert stages == ["probe", "encode", "verify", "done"]
    encoding = [fraction for stage, fraction in heard if stage == "encode"]
    assert encoding == sorted(encoding)
    assert (encoding[0], heard[-1]) == (0.0, ("done", 1.0))
    assert encoding[-1] == pytest.approx(1.0, abs=0.1)


def test_one_of_many_sound_tracks_is_taken(tmp_path: Path) -> None:
    done = convert(media.clip("many_tracks"), tmp_path)
    assert actions(done) == ["mpeg4 transcode", "vorbis transcode", *["vorbis drop"] * 19]


@pytest.mark.parametrize(
    "name",
    [
        "a;$(touch hurt) 'b' \"c\".avi",
        "two\nlines.avi",
        "-i.avi",
        "😀ñ%d%03d.avi",
        "http:example.avi",
        "long" * 62 + ".avi",
        os.fsdecode(b"latin-\xf1.avi"),
    ],
)
def test_a_hostile_name_is_only_a_name(name: str, tmp_path: Path, monkeypatch: Any) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(media.clip("avi_xvid_mp3"), folder / name)
    monkeypatch.chdir(folder)
    convert(Path(name), tmp_path / "out")
    assert everything_in(folder) == [name]
    assert everything_in(tmp_path / "out") == FILES


def test_nothing_of_the_source_is_told_on(tmp_path: Path) -> None:
    source = tmp_path / "tagged.mp4"
    tags = ("-metadata", "title=<script>", "-metadata", "location=+40.4-003.7/")
    words = ("-i", media.clip("mp4"), "-c", "copy", *tags, "-movflags", "use_metadata_tags")
    subprocess.run(["ffmpeg", "-v", "error", *words, source], check=True)
    convert(source, tmp_path / "out")
    made = (tmp_path / "out" / "video.mp4").read_bytes()
    assert (b"<script>" in source.read_bytes(), b"<script>" in made) == (True, False)
    assert (b"+40.4" in made, b"Lavf" in made) == (False, False)
