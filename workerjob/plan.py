"""From what a file holds to what is done with each of its streams. Pure: no files, no processes.

`plan` decides per stream and says why; outputs.py turns the decisions into ffmpeg's options.
"""

import math
from dataclasses import dataclass, field
from fractions import Fraction

from contests.reasons import Refused
from workerjob.accepted import MAX_PIXELS
from workerjob.filters import HDR
from workerjob.probed import Probe, Stream, parse_probe

__all__ = ["Decision", "Plan", "Profile", "parse_probe", "plan"]

# Containers whose timestamps can be copied as they are. AVI has none for B-frames; MPEG-PS and TS
# wrap and jump.
_TRUSTED_TIMES = ("flv", "mov", "matroska")
_COPIED_PROFILES = ("Constrained Baseline", "Main", "High")
_PROTECTED_TAGS = ("encv", "enca", "drmi", "drms")
_USUAL_RATES = (
    *(Fraction(15), Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001)),
    *(Fraction(30), Fraction(50), Fraction(60000, 1001), Fraction(60)),
)


@dataclass(frozen=True)
class Profile:
    """What a rendition should look like. `crf`, `preset` and `lookahead` are libx264's, see
    tests/bench."""

    long_side: int = 1920
    short_side: int = 1080
    max_rate: int = 60
    crf: int = 22
    preset: str = "veryfast"
    lookahead: int = 20  # pictures
    audio_bitrate: str = "128k"
    poster_side: int = 1280


@dataclass(frozen=True)
class Decision:
    """What happens to one stream: action is "copy", "transcode" or "drop"."""

    stream: Stream
    action: str
    why: str


@dataclass(frozen=True)
class Plan:
    """One decision per stream, and what the video must become."""

    decisions: tuple[Decision, ...]
    profile: Profile
    width: int
    height: int
    rate: Fraction | None = None  # a constant frame rate to enforce; None keeps the source's times
    warnings: tuple[str, ...] = field(default=())
    notes: bool = False  # copied pictures keep what encoder and camera noted between them
    container: str = ""  # of the source, in ffmpeg's words

    @property
    def video(self) -> Decision:
        """The one video stream that is kept."""
        return next(d for d in self.decisions if d.stream.kind == "video" and d.action != "drop")

    @property
    def audio(self) -> Decision | None:
        """The one audio stream that is kept, if any."""
        kept = (d for d in self.decisions if d.stream.kind == "audio" and d.action != "drop")
        return next(kept, None)


def plan(
    probe: Probe,
    profile: Profile = Profile(),
    copying: bool = True,
    silent: bool = False,
    notes: bool = False,
) -> Plan:
    """Decide what to do with every stream; `copying=False` transcodes whatever is kept, `silent`
    leaves out sound that turned out not to decode, `notes` is the plan's.

    Raises Refused when there is nothing we can turn into a video.
    """
    video = _choose_video(probe)
    audio = None if silent else _choose_audio(probe)
    decisions = []
    warnings = []
    for stream in probe.streams:
        if stream is video:
            why = _video_obstacle(stream, probe, profile)
        elif stream is audio:
            why = _audio_obstacle(stream, probe)
        else:
            decisions.append(Decision(stream, "drop", _drop_reason(stream, audio)))
            continue
        action = "copy" if not why and copying else "transcode"
        decisions.append(Decision(stream, action, why or _copy_reason(copying)))
    if audio is None and any(s.kind == "audio" for s in probe.streams):
        warnings.append("no audio track could be used: the result is silent")
    width, height = _size(video, profile)
    rate = _enforced_rate(video, profile)
    return Plan(
        *(tuple(decisions), profile, width, height, rate, tuple(warnings), notes),
        container=probe.container,
    )


def _copy_reason(copying: bool) -> str:
    return "complies already" if copying else "its copy did not verify"


def _choose_video(probe: Probe) -> Stream:
    """The moving picture: not cover art, with packets, the default one, then the largest."""
    moving = [s for s in probe.streams if s.kind == "video" and not s.cover]
    if not moving:
        raise Refused("no_video")
    if any(s.tag in _PROTECTED_TAGS for s in moving):
        raise Refused("protected")
    filled = [s for s in moving if s.packets.count]
    if not filled:
        raise Refused("no_frames", "no video packets")
    known = [s for s in filled if s.codec not in ("", "none", "unknown")]
    if not known:
        raise Refused("unsupported_codec", filled[0].tag)
    # One packet may be cover art that nobody marked as such.
    best = max(known, key=lambda s: (s.packets.count > 1, s.default, s.width * s.height))
    if best.width * best.height > MAX_PIXELS:
        raise Refused("too_large_picture", f"{best.width}x{best.height}")
    if not (best.width and best.height):
        raise Refused("no_frames", "no picture size")
    if best.dolby_only:
        raise Refused("unsupported_codec", "Dolby Vision that only its own decoders show rightly")
    return best


def _choose_audio(probe: Probe) -> Stream | None:
    usable = [s for s in probe.streams if s.kind == "audio" and not _drop_audio(s)]
    return max(usable, key=lambda s: s.default, default=None)


def _drop_audio(s: Stream) -> str:
    if s.codec in ("", "none", "unknown"):
        return f"unknown audio codec {s.tag}"
    if s.tag in _PROTECTED_TAGS:
        return "protected"
    return "" if s.packets.count and s.channels and s.sample_rate else "empty audio track"


def _drop_reason(s: Stream, audio: Stream | None) -> str:
    if s.kind == "audio":
        if audio is None:
            return _drop_audio(s) or "its sound does not decode"
        return _drop_audio(s) or f"one audio track is enough (kept {audio.index})"
    if s.kind == "video":
        return "cover art" if s.cover else "one video track is enough"
    return f"{s.kind or 'unknown'} stream not needed"


def _video_obstacle(s: Stream, probe: Probe, profile: Profile) -> str:
    """Why this video cannot be copied; empty when it can."""
    long, short = max(s.width, s.height), min(s.width, s.height)
    checks = (
        (s.codec == "h264", f"codec {s.codec}"),
        (probe.container.split(",")[0] in _TRUSTED_TIMES, f"timestamps of {probe.container}"),
        (s.codec != "h264" or _plain_h264(s), f"H.264 {s.profile} level {s.level}"),
        (s.pixels == "yuv420p", f"pixel format {s.pixels}"),
        (not s.retimed, "timestamps jump"),
        (not s.interlaced, "interlaced"),
        (s.aspect == 1, f"pixels of {s.aspect.numerator}:{s.aspect.denominator}"),
        (s.rotation == 0, f"rotated by {s.rotation} degrees"),
        (not s.flipped, "mirrored"),
        (s.transfer not in HDR, f"HDR {s.transfer}"),
        (s.packets.keyed, "begins without a keyframe"),
        # A copy would still hold them, and whoever cut them away does not want them published.
        (not s.packets.hidden, "holds pictures that were cut away"),
        (s.width % 2 == 0 and s.height % 2 == 0, f"odd size {s.width}x{s.height}"),
        (long <= profile.long_side and short <= profile.short_side, f"{s.width}x{s.height}"),
        (_enforced_rate(s, profile) is None, f"timestamps on a grid of {s.rate} per second"),
    )
    return ", ".join(why for fine, why in checks if not fine)


def _plain_h264(s: Stream) -> bool:
    """What every browser plays; MP4 also wants the codec's header up front."""
    return s.profile in _COPIED_PROFILES and 0 < s.level <= 51 and s.has_header


def _audio_obstacle(s: Stream, probe: Probe) -> str:
    """Why this audio cannot be copied; empty when it can."""
    checks = (
        (s.codec == "aac" and s.profile == "LC", f"codec {s.codec} {s.profile}".rstrip()),
        (probe.container.split(",")[0] in _TRUSTED_TIMES, f"timestamps of {probe.container}"),
        (not s.retimed, "timestamps jump"),
        (s.codec != "aac" or s.has_header, "no codec header"),
        (s.channels <= 2, f"{s.channels} channels"),
        (8000 <= s.sample_rate <= 48000, f"{s.sample_rate} Hz"),
    )
    return ", ".join(why for fine, why in checks if not fine)


def _size(s: Stream, profile: Profile) -> tuple[int, int]:
    """Width and height in pixels: upright, square pixels, within the profile, even."""
    wide, high = Fraction(s.width), Fraction(s.height)
    if Fraction(1, 8) <= s.aspect <= 8:  # beyond that it is a broken header, not a lens
        wide, high = (wide * s.aspect, high) if s.aspect > 1 else (wide, high / s.aspect)
    if s.rotation % 180 == 90:
        wide, high = high, wide
    shrink = max(
        max(wide, high) / profile.long_side, min(wide, high) / profile.short_side, Fraction(1)
    )
    return _even(wide / shrink), _even(high / shrink)


def _even(length: Fraction) -> int:
    """The even number at or below, so nothing is invented at the border; at least 2."""
    return max(2, int(length) // 2 * 2)


def _enforced_rate(s: Stream, profile: Profile) -> Fraction | None:
    """The constant rate to produce, or None when the source's own timestamps are sane.

    `rate` is the grid all timestamps lie on; what is really shown is counted in packets, because
    headers lie. A grid finer than 60 per second (1000 in WMV and FLV) says nothing about the
    video: take the usual rate next above what is shown. Faster cameras are divided evenly
    (240 → 60, 100 → 50).
    """
    read = s.packets
    shown = Fraction(read.shown / read.seconds) if read.seconds else s.average_rate or Fraction(25)
    if not s.retimed and 1 <= s.rate <= profile.max_rate and shown <= s.rate * Fraction(21, 20):
        return None
    if shown > profile.max_rate * Fraction(101, 100):
        exact = s.rate if s.rate < shown * Fraction(101, 100) else shown
        return exact / math.ceil(exact / profile.max_rate)
    return next(r for r in _USUAL_RATES if shown <= r * Fraction(101, 100))
