"""What is done with each stream, and why. No process runs here."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from contests.reasons import Refused
from workerjob import outputs
from workerjob.plan import Decision, Plan, parse_probe, plan
from workerjob.probed import Packets, Probe, Stream, untangled

READ = Packets(count=250, shown=250, start=0.0, end=10.0, keyframes=(0.0, 5.0))

VIDEO = Stream(
    index=0,
    kind="video",
    codec="h264",
    profile="High",
    level=31,
    width=1280,
    height=720,
    pixels="yuv420p",
    rate=Fraction(25),
    average_rate=Fraction(25),
    has_header=True,
    packets=READ,
)
AUDIO = Stream(
    index=1,
    kind="audio",
    codec="aac",
    profile="LC",
    channels=2,
    sample_rate=44100,
    has_header=True,
    packets=READ,
)


def planned(*streams: Stream, container: str = "flv", **options: Any) -> Plan:
    return plan(Probe(container, 10.0, streams), **options)


def actions(found: Plan) -> list[tuple[str, str]]:
    return [(decision.action, decision.why) for decision in found.decisions]


def test_compliant_streams_are_copied() -> None:
    assert actions(planned(VIDEO, AUDIO)) == [("copy", "complies already")] * 2


@pytest.mark.parametrize(
    "change, why",
    [
        ({"codec": "wmv2"}, "codec wmv2"),
        ({"profile": "High 10"}, "H.264 High 10 level 31"),
        ({"level": 52}, "H.264 High level 52"),
        ({"has_header": False}, "H.264 High level 31"),
        ({"pixels": "yuvj420p"}, "pixel format yuvj420p"),
        ({"interlaced": True}, "interlaced"),
        ({"aspect": Fraction(4, 3)}, "pixels of 4:3"),
        ({"rotation": 90}, "rotated by 90 degrees"),
        ({"flipped": True}, "mirrored"),
        ({"transfer": "smpte2084"}, "HDR smpte2084"),
        ({"transfer": "arib-std-b67"}, "HDR arib-std-b67"),
        ({"packets": replace(READ, keyed=False)}, "begins without a keyframe"),
        ({"width": 1279}, "odd size 1279x720"),
        ({"width": 2560, "height": 1440}, "2560x1440"),
        ({"rate": Fraction(1000)}, "timestamps on a grid of 1000 per second"),
    ],
)
def test_what_keeps_a_video_from_being_copied(change: dict[str, Any], why: str) -> None:
    found = planned(replace(VIDEO, **change), AUDIO)
    assert actions(found) == [("transcode", why), ("copy", "complies already")]


@pytest.mark.parametrize(
    "change, why",
    [
        ({"codec": "mp3", "profile": ""}, "codec mp3"),
        ({"profile": "HE-AAC"}, "codec aac HE-AAC"),
        ({"channels": 6}, "6 channels"),
        ({"sample_rate": 96000}, "96000 Hz"),
        ({"has_header": False}, "no codec header"),
    ],
)
def test_what_keeps_audio_from_being_copied(change: dict[str, Any], why: str) -> None:
    found = planned(VIDEO, replace(AUDIO, **change))
    assert actions(found) == [("copy", "complies already"), ("transcode", why)]


def test_containers_without_sane_timestamps_are_not_copied() -> None:
    assert actions(planned(VIDEO, AUDIO, container="avi")) == [
        ("transcode", "timestamps of avi"),
        ("transcode", "timestamps of avi"),
    ]


def test_a_copy_that_failed_is_transcoded() -> None:
    assert actions(planned(VIDEO, copying=False)) == [("transcode", "its copy did not verify")]


def test_streams_not_needed_are_dropped_with_the_reason() -> None:
    cover = replace(VIDEO, index=2, cover=True, width=3000, height=3000)
    second = replace(AUDIO, index=3)
    found = planned(VIDEO, AUDIO, cover, second, Stream(index=4, kind="data"))
    assert actions(found)[2:] == [
        ("drop", "cover art"),
        ("drop", "one audio track is enough (kept 1)"),
        ("drop", "data stream not needed"),
    ]


def test_the_default_audio_track_is_taken() -> None:
    found = planned(VIDEO, AUDIO, replace(AUDIO, index=2, default=True))
    assert found.audio == Decision(
        replace(AUDIO, index=2, default=True), "copy", "complies already"
    )


def test_unmarked_cover_art_is_not_the_video() -> None:
    cover = replace(VIDEO, index=2, width=3000, height=2000, packets=replace(READ, count=1))
    assert planned(VIDEO, replace(cover, default=True)).video.stream == VIDEO


def test_sound_that_does_not_decode_is_left_out() -> None:
    found = planned(VIDEO, AUDIO, silent=True)
    assert actions(found)[1] == ("drop", "its sound does not decode")
    assert (found.audio, len(found.warnings)) == (None, 1)


def test_unusable_audio_leaves_a_silent_video_and_a_warning() -> None:
    found = planned(VIDEO, replace(AUDIO, packets=Packets()))
    assert (found.audio, found.warnings) == (
        None,
        ("no audio track could be used: the result is silent",),
    )


@pytest.mark.parametrize(
    "streams, code",
    [
        ((), "no_video"),
        ((AUDIO,), "no_video"),
        ((replace(VIDEO, cover=True), AUDIO), "no_video"),
        ((replace(VIDEO, tag="encv"),), "protected"),
        ((replace(VIDEO, packets=Packets()),), "no_frames"),
        ((replace(VIDEO, width=0),), "no_frames"),
        ((replace(VIDEO, codec="unknown"),), "unsupported_codec"),
        ((replace(VIDEO, width=5000, height=5000),), "too_large_picture"),
    ],
)
def test_refusals(streams: tuple[Stream, ...], code: str) -> None:
    with pytest.raises(Refused) as refused:
        planned(*streams)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "change, size",
    [
        ({}, (1280, 720)),
        ({"width": 321, "height": 241}, (320, 240)),
        ({"rotation": 90}, (720, 1280)),
        ({"rotation": 180}, (1280, 720)),
        ({"width": 720, "height": 576, "aspect": Fraction(16, 15)}, (768, 576)),
        ({"width": 720, "height": 480, "aspect": Fraction(8, 9)}, (720, 540)),
        ({"width": 2560, "height": 1440}, (1920, 1080)),
        ({"width": 1440, "height": 2560}, (1080, 1920)),
        ({"width": 1920, "height": 1920}, (1080, 1080)),
        ({"width": 1280, "height": 720, "aspect": Fraction(1000)}, (1280, 720)),
        ({"width": 1, "height": 1}, (2, 2)),
    ],
)
def test_size(change: dict[str, Any], size: tuple[int, int]) -> None:
    found = planned(replace(VIDEO, **change))
    assert (found.width, found.height) == size


@pytest.mark.parametrize(
    "rate, shown, enforced",
    [
        (Fraction(25), 250, None),
        (Fraction(30), 120, None),  # variable, on a sane grid
        (Fraction(60), 600, None),
        (Fraction(1000), 250, Fraction(25)),
        (Fraction(1000), 299, Fraction(30000, 1001)),
        (Fraction(1000), 127, Fraction(15)),
        (Fraction(90000), 599, Fraction(60000, 1001)),
        (Fraction(120), 1200, Fraction(60)),
        (Fraction(240), 2400, Fraction(60)),
        (Fraction(100), 1000, Fraction(50)),
        (Fraction(10), 250, Fraction(25)),  # the header says less than what is there
        (Fraction(0), 250, Fraction(25)),
    ],
)
def test_frame_rate(rate: Fraction, shown: int, enforced: Fraction | None) -> None:
    read = replace(READ, count=shown, shown=shown)
    assert planned(replace(VIDEO, rate=rate, packets=read)).rate == enforced


def test_probe_of_nothing_and_of_nonsense() -> None:
    assert parse_probe("{}", {}) == Probe("", 0.0, ())
    text = """{"streams": [{"index": 0, "codec_type": "video", "width": "N/A",
        "r_frame_rate": "0/0", "sample_aspect_ratio": "0:1", "level": -99}],
        "format": {"format_name": "avi", "duration": "nan"}}"""
    stream = Stream(index=0, kind="video", level=-99)
    assert parse_probe(text, {}) == Probe("avi", 0.0, (stream,))


@pytest.mark.parametrize(
    "container, claimed, seconds, jumps, new",
    [
        ("avi", 10.0, 10.0, 0, False),
        ("avi", 10.0, 36000.0, 1, True),  # one packet far away
        ("avi", 36000.0, 36000.0, 1, False),  # a still screen, and the header says so
        ("flv", 0.0, 3600.0, 1, False),  # nobody knows better
        ("flv", 0.0, 36000.0, 1, True),  # but nobody films for ten hours
        ("mpegts", 36000.0, 36000.0, 1, True),  # its header is the packets themselves
    ],
)
def test_times_that_make_no_sense_are_made_anew(
    container: str, claimed: float, seconds: float, jumps: int, new: bool
) -> None:
    read = replace(READ, end=seconds, jumps=jumps, steady=10.0)
    found = untangled(Probe(container, claimed, (replace(VIDEO, packets=read),)))
    assert found.streams[0].retimed == new
    assert found.streams[0].packets.seconds == (10.0 if new else seconds)


def test_probe_reads_rotation_and_joins_packets() -> None:
    text = """{"streams": [{"index": 3, "codec_type": "video",
        "side_data_list": [{"side_data_type": "x"}, {"rotation": -90}]}]}"""
    stream = Stream(index=3, kind="video", rotation=270, packets=READ)
    assert parse_probe(text, {3: READ}) == Probe("", 0.0, (stream,))


def test_options_of_a_transcode_with_what_the_configuration_adds() -> None:
    found = planned(replace(VIDEO, codec="wmv2", rate=Fraction(1000)), replace(AUDIO, codec="mp3"))
    (name, mp4), (poster, _), (shared, _) = outputs.arguments(
        found, ("-crf:v", "30", "-strict", "-2")
    )
    assert (name, poster, shared) == ("video.mp4", "poster%02d.jpg", "share%02d.jpg")
    assert mp4["map"] == ["[video]", "0:1"]
    assert (mp4["crf:v"], mp4["strict"], mp4["c:v"], mp4["c:a"]) == ("30", "-2", "libx264", "aac")
    assert (mp4["fps_mode:v"], mp4["r:v"]) == ("cfr", "25/1")


def test_options_of_a_copy_are_left_alone() -> None:
    ((_, mp4),) = outputs.arguments(planned(VIDEO), ("-crf", "30"))
    assert (mp4["c:v"], mp4.get("crf"), mp4.get("vf")) == ("copy", None, None)
