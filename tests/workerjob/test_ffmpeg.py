"""Probing and running real files through real ffmpeg; killing it; what may be configured."""

import threading
from pathlib import Path

import pytest

from tests import media
from workerjob import sandbox
from workerjob.ffmpeg import Cancelled, Options, Run, TimedOut, command, describe, execute
from workerjob.outputs import validate_ffmpeg_args
from workerjob.probed import parse_probe

FOREVER: Options = {"stream_loop": "-1"}
NOWHERE: list[tuple[str, Options]] = [("out/x", {"c:v": "libx264", "f": "null"})]


def job(folder: Path, source: Path, program: str = "ffmpeg") -> Path:
    """A launcher for a job on this source."""
    (folder / sandbox.SOURCE).symlink_to(source)
    (folder / sandbox.OUT).mkdir()
    return sandbox.launcher(folder, program, sandbox.Limits(), sandbox.available())


def test_packets_are_counted_to_the_end(tmp_path: Path) -> None:
    launcher = job(tmp_path, media.clip("mp4"), "ffprobe")
    text, packets, outcome = describe(Run(launcher, 60), "source")
    video, audio = parse_probe(text, packets).streams
    assert (outcome.code, outcome.errors) == (0, ())
    assert (video.packets.count, video.packets.shown, video.packets.keyframes) == (50, 50, (0.0,))
    assert video.packets.seconds == pytest.approx(2.0)
    # Of 88 the first, with side data on lines of its own, is the encoder's run-up: trimmed away.
    assert (audio.packets.count, audio.codec, audio.profile) == (87, "aac", "LC")


def test_packets_without_durations_last_as_long_as_the_others(tmp_path: Path) -> None:
    launcher = job(tmp_path, media.clip("wmv2"), "ffprobe")
    text, packets, _ = describe(Run(launcher, 60), "source")
    video = parse_probe(text, packets).streams[0]
    assert video.packets.seconds == pytest.approx(2.0)


def test_what_cannot_be_opened_says_so(tmp_path: Path) -> None:
    launcher = job(tmp_path, Path(__file__), "ffprobe")
    _, packets, outcome = describe(Run(launcher, 60), "source")
    assert (packets, outcome.code) == ({}, 1)
    assert outcome.errors[-1].endswith("Invalid data found when processing input")


def test_a_run_tells_how_far_it_is(tmp_path: Path) -> None:
    launcher = job(tmp_path, media.clip("mp4"))
    heard: list[tuple[int, float]] = []
    runner = command(str(launcher), [("source", {})], NOWHERE)
    outcome = execute(runner, Run(launcher, 60), lambda *done: heard.append(done))
    assert (outcome.code, outcome.errors) == (0, ())
    assert heard[-1][0] == 50
    assert heard[-1][1] == pytest.approx(2.0, abs=0.1)


def test_error_lines_and_the_exit_code_are_kept(tmp_path: Path) -> None:
    launcher = job(tmp_path, media.clip("mp4"))
    runner = command(str(launcher), [("nothing", {})], NOWHERE)
    outcome = execute(runner, Run(launcher, 60), lambda frames, seconds: None)
    assert outcome.code != 0
    assert "No such file or directory" in outcome.errors[0]


def test_cancelling_ends_a_run_that_would_never_end(tmp_path: Path) -> None:
    launcher = job(tmp_path, media.clip("mp4"))
    cancel = threading.Event()
    runner = command(str(launcher), [("source", FOREVER)], NOWHERE)
    with pytest.raises(Cancelled):
        execute(runner, Run(launcher, 60, cancel), lambda frames, seconds: cancel.set())


def test_the_wall_clock_ends_a_run_that_would_never_end(tmp_path: Path) -> None:
    launcher = job(tmp_path, media.clip("mp4"))
    runner = command(str(launcher), [("source", FOREVER)], NOWHERE)
    with pytest.raises(TimedOut):
        execute(runner, Run(launcher, 0.5), lambda frames, seconds: None)


def test_cancelling_before_the_start_ends_ffprobe(tmp_path: Path) -> None:
    launcher = job(tmp_path, media.clip("mp4"), "sleep")
    cancel = threading.Event()
    cancel.set()
    # `sleep` refuses ffprobe's options at once; a hung ffprobe is one that ignores everything.
    Path(f"{launcher}.box").write_text("exec setsid sleep 60\n")
    with pytest.raises(Cancelled):
        describe(Run(launcher, 60, cancel), "source")


@pytest.mark.parametrize(
    "args, words",
    [
        ("", ()),
        ("-strict -2", ("-strict", "-2")),
        ("-crf 20 -preset:v 'slow'", ("-crf", "20", "-preset:v", "slow")),
        ("-b:a:0 96k -maxrate 2.5M", ("-b:a:0", "96k", "-maxrate", "2.5M")),
    ],
)
def test_options_that_tune_an_encoder_may_be_configured(args: str, words: tuple[str, ...]) -> None:
    assert validate_ffmpeg_args(args) == words


@pytest.mark.parametrize(
    "args, complaint",
    [
        ("-i /etc/passwd", "'-i' is not allowed"),
        ("-f lavfi", "'-f' is not allowed"),
        ("-protocol_whitelist file,http", "'-protocol_whitelist' is not allowed"),
        ("-codec_whitelist magicyuv", "'-codec_whitelist' is not allowed"),
        ("-filter_complex movie=/etc/passwd", "'-filter_complex' is not allowed"),
        ("-vf movie=x", "'-vf' is not allowed"),
        ("-attach secret", "'-attach' is not allowed"),
        ("-passlogfile x", "'-passlogfile' is not allowed"),
        ("-x264-params stats=x", "'-x264-params' is not allowed"),
        ("-report", "'-report' is not allowed"),
        ("-map 0", "'-map' is not allowed"),
        ("-c:v rawvideo", "'-c:v' is not allowed"),
        ("out.mp4", "'out.mp4' is not allowed"),
        ("-crf 20 /tmp/out.mp4 -y", "'/tmp/out.mp4' is not allowed"),
        ("-crf:../x 20", "'-crf:../x' is not allowed"),
        ("-crf", "-crf needs one plain value"),
        ("-crf /etc/passwd", "-crf needs one plain value"),
        ("-tune http://x", "-tune needs one plain value"),
        ("-crf '20 -i x'", "-crf needs one plain value"),
        ("-crf '", "cannot be split"),
    ],
)
def test_anything_else_is_refused_with_a_clear_message(args: str, complaint: str) -> None:
    with pytest.raises(ValueError, match="ffmpeg_args") as refused:
        validate_ffmpeg_args(args)
    assert complaint in str(refused.value)
