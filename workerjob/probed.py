"""What a file holds, as ffprobe tells it: containers, streams, packets. Pure: only reads text."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any


@dataclass(frozen=True)
class Packets:
    """What reading a stream to its end found: how many packets, from when to when (seconds).

    `shown` leaves out pictures at (almost) the same moment, as VP8 and VP9 hide some. `keyed` says
    whether the very first packet can be decoded by itself.
    """

    count: int = 0
    shown: int = 0
    start: float = 0.0
    end: float = 0.0
    keyframes: tuple[float, ...] = ()
    keyed: bool = True
    jumps: int = 0  # steps of more than two seconds, or back by more than half a one
    steady: float = 0.0  # seconds, with every jump taken for an ordinary step
    bytes: int = 0
    keyframe_bytes: tuple[int, ...] = ()  # of each of the keyframes
    filled: tuple[tuple[float, int], ...] = ()  # moments, and how many bytes came before each
    held: float = 0.0  # seconds that the last picture stands, where the file says so
    hidden: int = 0  # packets that an edit list cuts away

    @property
    def last(self) -> float:
        """Seconds that the last picture stands: as the file says, or as long as the others do."""
        return self.held or self.seconds / (self.shown or 1)

    @property
    def unseen(self) -> float:
        """Seconds before the first keyframe, when recording began midway: nothing can show them."""
        return 0.0 if self.keyed or not self.keyframes else self.keyframes[0] - self.start

    @property
    def seconds(self) -> float:
        """From the first packet's start to the last one's end."""
        return max(0.0, self.end - self.start)


@dataclass(frozen=True)
class Stream:
    """One stream of a file. `width` and `height` are in stored pixels, `rotation` in degrees.

    `matrix`, `primaries`, `transfer` and `layout` (of audio channels) are ffmpeg's names, "" where
    the file says nothing. `encrypted` is known of Matroska and WebM only. Of Dolby Vision the
    pictures below are HDR10 or HLG (profile 8, phones), or, `dolby_only`, of colours that make no
    sense to anybody else (profile 5, streaming).
    """

    index: int
    kind: str
    codec: str = ""
    tag: str = ""
    profile: str = ""
    level: int = 0
    width: int = 0
    height: int = 0
    pixels: str = ""
    aspect: Fraction = Fraction(1)
    rotation: int = 0
    flipped: bool = False
    matrix: str = ""
    primaries: str = ""
    transfer: str = ""
    full_range: bool = False
    dolby_only: bool = False
    encrypted: bool = False
    rate: Fraction = Fraction(0)
    average_rate: Fraction = Fraction(0)
    interlaced: bool = False
    channels: int = 0
    layout: str = ""
    sample_rate: int = 0
    has_header: bool = False
    cover: bool = False
    default: bool = False
    retimed: bool = False
    packets: Packets = Packets()


@dataclass(frozen=True)
class Probe:
    """A file: its container, the duration its header claims (seconds, 0 if none), its streams."""

    container: str
    claimed: float
    streams: tuple[Stream, ...]


def parse_probe(text: str, packets: Mapping[int, Packets]) -> Probe:
    """Read ffprobe's JSON (`-show_format -show_streams`); missing and odd fields become zero.

    Raises ValueError when the text is not JSON.
    """
    found = json.loads(text)
    form = found.get("format", {})
    streams = tuple(_stream(s, packets) for s in found.get("streams", []) if "index" in s)
    return Probe(str(form.get("format_name", "")), _number(form.get("duration")), streams)


def untangled(probe: Probe) -> Probe:
    """The same with new times, packet after packet, when the file's own make no sense.

    Damage sends single packets hours away; broadcasts and joined recordings start counting anew.
    Long pauses are fine where the header knows of them: nothing moves on many a screen.
    """
    streams = [s for s in probe.streams if s.kind in ("video", "audio") and s.packets.jumps]
    broadcast = probe.container in ("mpegts", "mpeg")
    known = 1.25 * probe.claimed + 2 if probe.claimed else _A_DAY
    if not any(broadcast or s.packets.seconds - s.packets.held > known for s in streams):
        return probe
    return replace(probe, streams=tuple(_retimed(s) for s in probe.streams))


_A_DAY = 6 * 3600  # seconds; of filming: whatever lasts longer has jumped


def _retimed(s: Stream) -> Stream:
    if s.kind not in ("video", "audio") or not s.packets.count:
        return s
    read = replace(s.packets, start=0.0, end=s.packets.steady, keyframes=(), held=0.0)
    return replace(s, packets=read, retimed=True)


def _stream(s: dict[str, Any], packets: Mapping[int, Packets]) -> Stream:
    turned = [d["rotation"] for d in s.get("side_data_list", []) if "rotation" in d]
    disposition = s.get("disposition", {})
    return Stream(
        index=int(s["index"]),
        kind=str(s.get("codec_type", "")),
        codec=str(s.get("codec_name", "")),
        tag=str(s.get("codec_tag_string", "")),
        profile=str(s.get("profile", "")),
        level=int(_number(s.get("level"))),
        width=int(_number(s.get("width"))),
        height=int(_number(s.get("height"))),
        pixels=str(s.get("pix_fmt", "")),
        aspect=_ratio(s.get("sample_aspect_ratio")) or Fraction(1),
        rotation=round(_number(turned[0])) % 360 if turned else 0,
        flipped=any(_mirrors(str(d.get("displaymatrix", ""))) for d in s.get("side_data_list", [])),
        matrix=_named(s.get("color_space")),
        primaries=_named(s.get("color_primaries")),
        transfer=_named(s.get("color_transfer")),
        full_range=s.get("color_range") == "pc",
        dolby_only=any(
            d.get("dv_bl_signal_compatibility_id") == 0 for d in s.get("side_data_list", [])
        ),
        encrypted="enc_key_id" in s.get("tags", {}),  # whose key one would have to ask for
        rate=_ratio(s.get("r_frame_rate")),
        average_rate=_ratio(s.get("avg_frame_rate")),
        interlaced=_interlaced(s),
        channels=int(_number(s.get("channels"))),
        layout=_named(s.get("channel_layout")),
        sample_rate=int(_number(s.get("sample_rate"))),
        has_header=_number(s.get("extradata_size")) > 0,
        cover=bool(disposition.get("attached_pic")),
        default=bool(disposition.get("default")),
        packets=packets.get(int(s["index"]), Packets()),
    )


def _interlaced(s: dict[str, Any]) -> bool:
    """Whether pictures are woven from two moments. DV always is, though its header keeps quiet."""
    order = s.get("field_order", "unknown")
    return s.get("codec_name") == "dvvideo" or order not in ("progressive", "unknown")


def _mirrors(matrix: str) -> bool:
    """Whether a display matrix (three rows of three after "offset:") mirrors the picture."""
    numbers = [
        int(n) for n in re.sub(r"[0-9a-f]{8}:", "", matrix).split() if re.fullmatch(r"-?\d+", n)
    ]
    return len(numbers) == 9 and numbers[0] * numbers[4] - numbers[1] * numbers[3] < 0


def _named(value: object) -> str:
    """A name as ffprobe says it; "" for its ways of saying that it does not know."""
    return "" if value in (None, "unknown", "unspecified", "reserved") else str(value)


def _number(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0


def _ratio(value: object) -> Fraction:
    """ "25/1" or "16:15" as a fraction; 0 when it is missing, or nonsense like "0/0"."""
    above, _, below = str(value).replace(":", "/").partition("/")
    if not (above.isdigit() and below.isdigit() and int(below)):
        return Fraction(0)
    return Fraction(int(above), int(below))
