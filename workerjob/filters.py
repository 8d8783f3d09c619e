"""The filters that make a picture upright BT.709, square and small enough, and sound stereo. Pure.

ffmpeg itself turns and mirrors pictures as the display matrix says, before any of these.
"""

from fractions import Fraction

from workerjob.probed import Stream

HDR = ("smpte2084", "arib-std-b67")
# Nits that SDR's white stands for (BT.2408), and how many times brighter the brightest light we
# expect is: 1000 nits, what phones and cameras for the public master to.
_WHITE = 203
_PEAK = 5
# What every browser knows and shows rightly once it is told. Everything else becomes BT.709.
_KEPT_MATRICES = ("bt709", "smpte170m", "bt470bg")
LONG_HELD = 0.5  # seconds; a last picture that stands so long is worth repeating
# Decoders that mark each woven picture; with others the header's word holds for all of them.
_MARKING = ("h264", "mpeg2video", "dvvideo", "vc1", "wmv3", "mpeg4", "prores")


def video_filters(s: Stream, width: int, height: int, rate: Fraction | None = None) -> str:
    """The chain that turns decoded pictures into 8-bit 4:2:0 of exactly `width` × `height`.

    `rate` is the constant one that comes out, if any.

    The size is fixed numbers, not expressions: a size that changes midway must not reach x264.
    """
    pictures = [*_unweave(s), *_colours(s, width, height), "setsar=1", *_labels(s)]
    return ",".join([*_times(s, rate or s.rate), *pictures])


def _times(s: Stream, rate: Fraction) -> list[str]:
    if s.retimed and s.packets.seconds:
        return [f"setpts=N/({s.packets.count / s.packets.seconds:.6f}*TB)"]
    # Encoders forget how long the last picture is to stand: slides, or one still with music. Not
    # for all: without packet durations, this filter drops the only picture of a WMV.
    return [f"fps={rate}"] if s.packets.held >= LONG_HELD and rate else []


def _unweave(s: Stream) -> list[str]:
    # ffmpeg has turned the picture before us, so its rows may be no rows any more.
    if not s.interlaced or s.rotation % 180 == 90:
        return []
    return [f"bwdif=mode=send_frame:deint={'interlaced' if s.codec in _MARKING else 'all'}"]


def _colours(s: Stream, width: int, height: int) -> list[str]:
    scale = f"scale={width}:{height}"
    light = "full" if s.full_range else "limited"
    if s.transfer in HDR:
        # Shrunk first, because what follows works in floating point: linear light in BT.709's
        # primaries, then the highlights rolled off (mobius leaves the rest as it was). All is said
        # outright: labels get lost on the way.
        known = f"tin={s.transfer}:pin=bt2020:min=bt2020nc:rin={light}"
        return [
            *(scale, "format=yuv420p10le", f"zscale={known}:t=linear:p=bt709:npl={_WHITE}"),
            *("format=gbrpf32le", f"tonemap=mobius:peak={_PEAK}:desat=0"),
            "zscale=tin=linear:pin=bt709:min=gbr:t=bt709:p=bt709:m=bt709:r=limited",
            "format=yuv420p",
        ]
    if s.matrix in ("bt2020nc", "bt2020c"):  # wide colours of ordinary brightness
        known = f"tin=bt709:pin=bt2020:min={s.matrix}:rin={light}"
        return [
            *(scale, "format=yuv420p10le", f"zscale={known}:p=bt709:t=bt709:m=bt709:r=limited"),
            "format=yuv420p",
        ]
    target = "" if _kept_matrix(s) else ":out_color_matrix=bt709"
    return [f"{scale}{target}:out_range=limited", "format=yuv420p"]


def _labels(s: Stream) -> list[str]:
    """Say what the numbers mean: a player that must guess goes by the size, which we may change."""
    matrix = _kept_matrix(s) or "bt709"
    primaries = {"bt470bg": "bt470bg", "smpte170m": "smpte170m"}.get(matrix, "bt709")
    transfer = "bt709" if matrix == "bt709" else "smpte170m"  # the same curve by other names
    meaning = f"colorspace={matrix}:color_primaries={primaries}:color_trc={transfer}"
    return [f"setparams=range=limited:{meaning}"]


def _kept_matrix(s: Stream) -> str:
    """The matrix the result's numbers stay in; "" when they are converted to BT.709.

    Without a label, television's habit: standard definition is BT.601.
    """
    if s.transfer in HDR or not s.pixels.startswith(("yuv", "nv", "uyvy", "y4", "p0")):
        return ""  # RGB, palettes and grey
    if s.matrix:
        return s.matrix if s.matrix in _KEPT_MATRICES else ""
    return "smpte170m" if s.width < 1280 and s.height <= 576 else "bt709"


def audio_filters(s: Stream) -> str:
    """The chain that makes sound stereo, as loud as it was, without holes."""
    # async fills them, so that sound stays with the picture
    holes = "asetpts=N/SR/TB" if s.retimed else "aresample=async=1"
    if s.channels <= 2:
        return holes
    if s.channels > 8 and not s.layout:  # takes of many microphones: nobody says where they stood
        return f"pan=stereo|c0=c0|c1=c1,{holes}"
    # Mixed down as ITU-R BS.775 says. In floating point: in integers ffmpeg would turn all of it
    # down by up to 7.7 dB so that not even the loudest moment clips; the limiter sees to those,
    # and leaves 1 dB for what AAC adds.
    return (
        f"{holes},aformat=sample_fmts=fltp,aformat=channel_layouts=stereo"
        ",alimiter=limit=0.89:level=disabled"
    )
