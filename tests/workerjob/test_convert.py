"""Real clips of every kind we promise, converted for real and looked at with ffprobe."""

import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from contests.reasons import REASONS, Refused
from tests import media
from tests.waiting import until
from workerjob import sandbox
from workerjob.command_line import main
from workerjob.convert import Cancelled, Converted, ToolFailed, Tools, convert
from workerjob.intact import boxes
from workerjob.outputs import validate_ffmpeg_args
from workerjob.sandbox import Limits

FILES = ["poster.jpg", "poster2.jpg", "poster3.jpg", "share.jpg", "video.mp4"]
ROOT = Path(__file__).resolve().parents[2]


def look(path: Path) -> dict[str, Any]:
    words = ["ffprobe", "-v", "error", "-count_packets", "-show_format", "-show_streams"]
    done = subprocess.run([*words, "-of", "json", path], capture_output=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def actions(done: Converted) -> list[str]:
    return [f"{d.stream.codec} {d.action}" for d in done.plan.decisions]


def everything_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


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


def test_one_of_many_sound_tracks_is_taken(tmp_path: Path) -> None:
    done = convert(media.clip("many_tracks"), tmp_path)
    assert actions(done) == ["mpeg4 transcode", "vorbis transcode", *["vorbis drop"] * 19]


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


def running_with(mark: str) -> list[str]:
    """The processes that have `mark` on their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in path.read_bytes():
                found.append(path.parent.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


both_ways = pytest.mark.parametrize("boxed", sorted({False, sandbox.available()}))


@both_ways
def test_cancelling_kills_ffmpeg_and_publishes_nothing(boxed: bool, tmp_path: Path) -> None:
    mark = f"3{os.getpid()}111"
    tools = Tools(sandboxed=boxed, ffmpeg_args=validate_ffmpeg_args(f"-maxrate {mark} -bufsize 9M"))
    cancel = threading.Event()
    seen: list[list[str]] = []

    def progress(stage: str, fraction: float) -> None:
        if fraction > 0 and not cancel.is_set():
            seen.append(running_with(mark))
            cancel.set()

    with pytest.raises(Cancelled):
        convert(media.long_wmv(), tmp_path, tools, progress, cancel)
    assert seen[:1] != [[]]
    assert len(seen) == 1
    assert until(lambda: not running_with(mark), 5)
    assert everything_in(tmp_path) == []


@both_ways
def test_ffmpeg_dies_with_a_killed_worker(boxed: bool, tmp_path: Path) -> None:
    mark = f"3{os.getpid()}222"
    code = (
        "import sys; from pathlib import Path; from workerjob.convert import Tools, convert\n"
        f"tools = Tools(sandboxed={boxed}, ffmpeg_args=('-maxrate', '{mark}', '-bufsize', '9M'))\n"
        "convert(Path(sys.argv[1]), Path(sys.argv[2]), tools)"
    )
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'web'}"}
    words = [sys.executable, "-c", code, str(media.long_wmv()), str(tmp_path)]
    with subprocess.Popen(words, env=environment) as worker:
        assert until(lambda: len(running_with(mark)) >= 1)
        worker.send_signal(signal.SIGKILL)
    assert until(lambda: not running_with(mark), 5)


def test_the_wall_clock_makes_it_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="too_heavy"):
        convert(media.long_wmv(), tmp_path, Tools(limits=Limits(wall_seconds=0.5)))
    assert everything_in(tmp_path) == []


@pytest.mark.parametrize(
    "tools, error",
    [
        (Tools(ffmpeg="no-such-ffmpeg"), FileNotFoundError),
        (Tools(ffprobe="false"), ToolFailed),
        (Tools(ffmpeg_args=("-preset", "nosuch")), ToolFailed),
        (Tools(limits=Limits(open_files=1)), ToolFailed),
    ],
)
def test_our_own_faults_are_no_refusals(
    tools: Tools, error: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(error):
        convert(media.clip("wmv2"), tmp_path, tools)


@pytest.mark.parametrize("name", ["video.mp4", "poster*.jpg"])
def test_a_link_that_ffmpeg_was_made_to_leave_is_not_published(name: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    shutil.copy(media.clip("mp4"), secret)
    taken_over = tmp_path / "ffmpeg"
    taken_over.write_text(
        f'#!/bin/sh\nffmpeg "$@" || exit\nfor f in out/{name}; do ln -sf "{secret}" $f; done\n'
    )
    taken_over.chmod(0o700)
    tools = Tools(ffmpeg=str(taken_over), ffprobe="ffprobe", sandboxed=False)
    with pytest.raises((ToolFailed, Refused)):
        convert(media.clip("mp4"), tmp_path / "out", tools)
    assert everything_in(tmp_path / "out") == []


def test_the_command_prints_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([str(media.clip("flv_h264_aac")), str(tmp_path)])
    answer = json.loads(capsys.readouterr().out)
    assert (code, answer["ok"]) == (0, True)
    assert answer["plan"] == [
        {"stream": 0, "kind": "video", "codec": "h264", "action": "copy"}
        | {"why": "complies already"},
        {"stream": 1, "kind": "audio", "codec": "aac", "action": "copy"}
        | {"why": "complies already"},
    ]
    assert [sorted(rendition) for rendition in answer["renditions"]] == [
        ["bytes", "codec", "duration", "height", "kind", "path", "width"]
    ] * 5
    assert answer["partial"] is False
    assert set(answer["seconds"]) == {"probe", "encode", "verify"}


def test_the_command_says_why_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([str(media.clip("sound_only")), str(tmp_path)])
    answer = json.loads(capsys.readouterr().out)
    message = REASONS["no_video"].es
    assert (code, answer) == (2, {"ok": False, "reason": "no_video", "message": message})


@pytest.mark.parametrize("words", [["no-such-file.avi", "."], ["only-one"]])
def test_the_command_tells_our_faults_apart(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 1
