"""From a plan to ffmpeg's options, and what the configuration may add to them. Pure."""

import re
import shlex

from workerjob.plan import Plan

Options = dict[str, str | list[str] | None]  # as python-ffmpeg takes them; None: no value

VIDEO = "video.mp4"
POSTER = "poster.jpg"
_POSTER_CANDIDATES = 8

# Output options that can only tune an encoder: none names a file, an address, a filter, a stream
# or a container. An allow-list, because ffmpeg gains options with every release.
_TUNING = (
    *("strict", "crf", "preset", "tune", "level", "b", "minrate", "maxrate", "bufsize", "g"),
    *("keyint_min", "sc_threshold", "bf", "refs", "qmin", "qmax", "qdiff", "q", "threads"),
    *("aq-mode", "aq-strength", "rc-lookahead", "me_range", "subq"),
)
_NAME = re.compile(r"-(?P<name>[a-z_-]+)(:[va](:\d)?)?")
_VALUE = re.compile(r"-?[A-Za-z0-9_.+]+")


def validate_ffmpeg_args(args: str) -> tuple[str, ...]:
    """Split `ffmpeg_args` of the configuration as a shell would, and check every word.

    Returns (name, value, name, value…). Raises ValueError, with a sentence for whoever wrote the
    configuration, on anything but options that tune an encoder.
    """
    try:
        words = shlex.split(args)
    except ValueError as error:
        raise ValueError(f"ffmpeg_args cannot be split: {error}") from None
    for position in range(0, len(words), 2):
        name, value = words[position], words[position + 1 : position + 2]
        match = _NAME.fullmatch(name)
        if not match or match["name"] not in _TUNING:
            allowed = ", ".join(f"-{option}" for option in sorted(_TUNING))
            raise ValueError(f"ffmpeg_args: {name!r} is not allowed; allowed are {allowed}")
        if not value or not _VALUE.fullmatch(value[0]):
            raise ValueError(f"ffmpeg_args: {name} needs one plain value, not {value}")
    return tuple(words)


def input_options(plan: Plan) -> Options:
    """What ffmpeg needs to know before reading: when copying, only the poster needs decoding.

    One thread, because starting more takes longer than decoding a handful of keyframes.
    """
    copying = plan.video.action == "copy"
    return {"skip_frame:v": "nokey", "threads:v": "1"} if copying else {}


def arguments(plan: Plan, extra: tuple[str, ...] = ()) -> list[tuple[str, Options]]:
    """The outputs of the one ffmpeg run: (file name, options) for the MP4 and its poster.

    `extra` are checked output options from the configuration (name, value, name, value…); they
    apply to transcodes only and override ours.
    """
    video, audio = plan.video, plan.audio
    kept = [video] if audio is None else [video, audio]
    mp4: Options = {"map": [f"0:{decision.stream.index}" for decision in kept]}
    mp4 |= {"c:v": "copy"} if video.action == "copy" else _video_options(plan)
    if audio:
        mp4 |= {"c:a": "copy"} if audio.action == "copy" else _audio_options(plan)
    mp4 |= _CONTAINER
    if any(decision.action == "transcode" for decision in kept):
        pairs = zip(extra[::2], extra[1::2], strict=True)
        mp4 |= {name.removeprefix("-"): value for name, value in pairs}
    return [(VIDEO, mp4), (POSTER, poster_options(plan))]


# No metadata, chapters or place, not even who encoded it (bitexact); the index in front.
_CONTAINER: Options = {
    "map_metadata": "-1",
    "map_chapters": "-1",
    "fflags": "+bitexact",
    "flags": "+bitexact",
    "max_muxing_queue_size": "4096",
    "movflags": "+faststart",
    "f": "mp4",
}


def _video_options(plan: Plan) -> Options:
    # Fixed numbers, not expressions: a picture size that changes midway must not reach x264.
    options: Options = {
        "c:v": "libx264",
        "preset:v": plan.profile.preset,
        "crf:v": str(plan.profile.crf),
        "profile:v": "high",
        "vf": f"scale={plan.width}:{plan.height}:out_range=limited,setsar=1,format=yuv420p",
    }
    if plan.rate is None:
        return options | {"fps_mode:v": "vfr"}
    # Not the fps filter: on a file of one packet it returns success and no frame.
    return options | {"fps_mode:v": "cfr", "r:v": f"{plan.rate.numerator}/{plan.rate.denominator}"}


def _audio_options(plan: Plan) -> Options:
    options: Options = {
        "c:a": "aac",
        "b:a": plan.profile.audio_bitrate,
        "ac": "2",
        "af": "aresample=async=1",  # fills holes, so sound stays with the picture
    }
    if plan.audio and not 8000 <= plan.audio.stream.sample_rate <= 48000:
        options["ar"] = "48000"
    return options


def poster_size(plan: Plan) -> tuple[int, int]:
    """Width and height of the poster in pixels."""
    shrink = max(1.0, max(plan.width, plan.height) / plan.profile.poster_side)
    return max(1, round(plan.width / shrink)), max(1, round(plan.height / shrink))


def poster_options(plan: Plan, any_frame: bool = False) -> Options:
    """One JPEG: of pictures spread over the video that are not black, the most typical one.

    `any_frame` takes the first picture whatever it shows, for a video that is black throughout.
    """
    width, height = poster_size(plan)
    every = min(10.0, max(0.2, plan.video.stream.packets.seconds / (_POSTER_CANDIDATES + 1)))
    filters = [f"scale={width}:{height}:out_range=full", "setsar=1", "format=yuvj420p"]
    if not any_frame:
        filters = [
            f"select='isnan(prev_selected_t)+gte(t-prev_selected_t,{every:.3f})'",
            *filters,
            "blackframe=amount=0:threshold=32",
            "metadata=select:key=lavfi.blackframe.pblack:value=95:function=less",
            f"thumbnail={_POSTER_CANDIDATES}",
            "format=yuvj420p",
        ]
    return {
        "map": f"0:{plan.video.stream.index}",
        "vf": ",".join(filters),
        "frames:v": "1",
        "fps_mode:v": "passthrough",
        "c:v": "mjpeg",
        "q:v": "4",
        "map_metadata": "-1",
        "fflags": "+bitexact",
        "flags": "+bitexact",
        "f": "mjpeg",
    }
