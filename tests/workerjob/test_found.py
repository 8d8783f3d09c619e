"""Kinds of files found in public test collections that the other tests' recipes do not make."""

import re
import struct
import subprocess
from pathlib import Path

import pytest

from contests.reasons import Refused
from tests import media
from workerjob import intact
from workerjob.convert import convert


def make(path: Path, words: str) -> Path:
    subprocess.run(["ffmpeg", "-v", "error", *words.split(), path], check=True)
    return path


def test_pictures_without_a_container(tmp_path: Path) -> None:
    picture = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=2"
    source = make(tmp_path / "s.mpg", f"{picture} -c:v mpeg1video -f mpeg1video")
    assert convert(source, tmp_path / "out").renditions[0].duration == pytest.approx(2, abs=0.1)


def test_a_program_stream_that_never_tells_the_time(tmp_path: Path) -> None:
    picture = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=2"
    source = make(tmp_path / "s.mpg", f"{picture} -c:v mpeg1video -f mpeg")
    # Stuffing instead of the times in each packet's header.
    header = rb"(\x00\x00\x01\xe0..\xff*)([\x40-\x7f].)?([\x20-\x2f].{4}|[\x30-\x3f].{9})"

    def untimed(found: re.Match[bytes]) -> bytes:
        return found[1] + b"\xff" * (len(found[3]) - 1) + (found[2] or b"") + b"\x0f"

    source.write_bytes(re.sub(header, untimed, source.read_bytes(), flags=re.DOTALL))
    done = convert(source, tmp_path / "out")
    assert (done.partial, done.plan.video.stream.packets.shown) == (False, 50)
    assert done.renditions[0].duration == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("pictures, seconds", [(1, 5), (3, 15)])
@pytest.mark.parametrize("ending", ["mp4", "mkv", "mov"])
def test_the_last_slide_stands_as_long_as_it_should(
    pictures: int, seconds: int, ending: str, tmp_path: Path
) -> None:
    slides = f"-f lavfi -i testsrc2=size=64x48:rate=1/5:duration={seconds}"
    tone = f"-f lavfi -i sine=duration={seconds}"
    codec = "mjpeg" if ending == "mov" else "libx264 -pix_fmt yuv420p"
    source = make(tmp_path / f"s.{ending}", f"{slides} {tone} -c:v {codec} -c:a aac")
    done = convert(source, tmp_path / "out")
    assert done.plan.video.stream.packets.count == pictures
    words = ("-v", "error", "-select_streams", "v", "-show_entries", "stream=duration")
    probe = ["ffprobe", *words, "-of", "csv=p=0", str(tmp_path / "out" / "video.mp4")]
    told = subprocess.run(probe, capture_output=True, text=True).stdout
    assert float(told) == pytest.approx(seconds, abs=0.2)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_a_wmv_with_a_hole_that_nothing_tells_of(share: float, tmp_path: Path) -> None:
    source = tmp_path / "s.wmv"
    content = bytearray(media.clip("wmv2").read_bytes())
    size, data = 3200, int.from_bytes(content[16:24], "little") + 50  # ffmpeg's packets
    packets = (len(content) - data) // size
    assert packets > 40
    first, count = packets // 3, int(packets * share)
    content[data + first * size : data + (first + count) * size] = bytes(count * size)
    source.write_bytes(content)
    assert intact.overwritten(source) == pytest.approx(share, abs=0.02)
    if share == 0.5:
        with pytest.raises(Refused, match="truncated"):
            convert(source, tmp_path / "out")
    else:
        assert convert(source, tmp_path / "out").partial == (share == 0.1)


def test_an_encrypted_webm_is_protected(tmp_path: Path) -> None:
    title = b"T" * 40
    picture = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=1 -c:v libvpx"
    source = make(tmp_path / "s.webm", f"{picture} -metadata:s:v title={title.decode()}")

    def element(name: str, body: bytes) -> bytes:
        return bytes.fromhex(name) + bytes([0x80 | len(body)]) + body

    # ContentEncodings with a ContentEncryption by AES whose key has a name, in the title's place.
    key = element("5035", element("47e1", b"\5") + element("47e2", b"K" * 16))
    coded = element("6d80", element("6240", element("5033", b"\1") + key))
    named = element("536e", title)
    content = source.read_bytes()
    assert content.count(named) == 1
    void = element("ec", bytes(len(named) - len(coded) - 2))
    source.write_bytes(content.replace(named, coded + void))
    with pytest.raises(Refused, match="protected"):
        convert(source, tmp_path / "out")


def test_nobody_says_how_long_the_last_picture_stands(tmp_path: Path) -> None:
    picture = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=2"
    source = make(tmp_path / "s.wmv", f"{picture} -vf select=not(mod(n\\,25)) -vsync vfr -c:v wmv2")
    done = convert(source, tmp_path / "out")
    assert (done.partial, done.plan.video.stream.packets.count) == (False, 2)


def test_a_box_longer_than_the_file_with_nothing_missing(tmp_path: Path) -> None:
    whole = make(tmp_path / "s.mp4", f"-i {media.clip('mp4')} -c copy -movflags +faststart")
    content = bytearray(whole.read_bytes())
    start, end = next((start, end) for name, start, end in intact.boxes(whole) if name == b"mdat")
    assert end == len(content)
    content[start : start + 4] = struct.pack(">I", 2 * (end - start))
    whole.write_bytes(content)
    done = convert(whole, tmp_path / "out")
    assert (done.partial, done.plan.video.action) == (False, "copy")


def test_what_was_recorded_from_midway_begins_with_its_first_keyframe(tmp_path: Path) -> None:
    picture = "-f lavfi -i testsrc2=size=160x120:rate=25:duration=4"
    source = make(tmp_path / "s.ts", f"{picture} -c:v libx264 -bf 0 -g 50 -pix_fmt yuv420p")
    content = source.read_bytes()
    source.write_bytes(content[len(content) // 188 * 3 // 10 * 188 :])
    done = convert(source, tmp_path / "out")
    read = done.plan.video.stream.packets
    assert (done.partial, read.unseen / read.seconds > 0.2) == (True, True)


@pytest.mark.parametrize("codec", ["mpeg4", "libx264"])
def test_what_was_trimmed_on_the_phone_is_gone(codec: str, tmp_path: Path) -> None:
    picture = "-f lavfi -i testsrc2=size=160x120:rate=25:duration=4"
    whole = make(tmp_path / "w.mp4", f"{picture} -c:v {codec} -g 50 -pix_fmt yuv420p")
    # From amidst two keyframes: the first is kept and an edit list hides what follows it.
    source = make(tmp_path / "s.mp4", f"-ss 1.2 -i {whole} -c copy")
    done = convert(source, tmp_path / "out")
    read = done.plan.video.stream.packets
    assert (done.plan.video.action, done.partial, read.unseen) == ("transcode", False, 0)
    assert done.renditions[0].duration == pytest.approx(2.8, abs=0.1)
    shown = ["ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets"]
    words = [*shown, "-select_streams", "v", "-ignore_editlist", "1", "-of", "csv=p=0"]
    counted = subprocess.run([*words, tmp_path / "out/video.mp4"], capture_output=True, text=True)
    assert int(counted.stdout) == 70


_HEVC = "-c:v libx265 -preset ultrafast -x265-params log-level=none"


@pytest.mark.parametrize(
    "size, words", [("1024x768", _HEVC), ("544x576", "-vf setsar=32/17 -c:v libvpx")]
)
def test_small_files_of_middling_pictures_fit_into_memory(
    size: str, words: str, tmp_path: Path
) -> None:
    picture = f"-f lavfi -i color=red:size={size}:rate=30:duration=2"
    source = make(tmp_path / "s.mkv", f"{picture} {words} -pix_fmt yuv420p")
    assert source.stat().st_size < 20_000
    assert not convert(source, tmp_path / "out").partial


def test_a_copy_with_a_picture_that_browsers_stumble_over_is_encoded(tmp_path: Path) -> None:
    source = tmp_path / "s.mp4"
    words = ("-v", "error", "-select_streams", "v", "-show_entries", "packet=pos", "-of", "csv=p=0")
    probe = ["ffprobe", *words, str(media.clip("no_audio"))]
    places = subprocess.run(probe, capture_output=True, text=True).stdout.split()
    content = bytearray(media.clip("no_audio").read_bytes())
    picture = int(places[2]) + 5  # behind its length and its kind
    content[picture : picture + 8] = bytes(8)
    source.write_bytes(content)
    assert convert(source, tmp_path / "out").plan.video.why == "its copy did not verify"
