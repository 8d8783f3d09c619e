"""From a plan to ffmpeg's options, and what the configuration may add to them. Pure."""

import re
import shlex

from workerjob import posters
from workerjob.ffmpeg import Options
from workerjob.filters import audio_filters, video_filters
from workerjob.plan import Plan
from workerjob.probed import Stream

VIDEO = "video.mp4"

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


def reading(plan: Plan) -> Options:
    """How ffmpeg reads the source."""
    # New filters at every change of size, as damage makes them, would count from 0 again.
    return {"reinit_filter:v": "0"} if plan.video.stream.retimed else {}


def arguments(plan: Plan, extra: tuple[str, ...] = ()) -> list[tuple[str, Options]]:
    """What ffmpeg writes: (file name, options) of the MP4 and, when it is encoded, of the posters.

    A copy decodes nothing: its posters are made beside it (posters.of_copied). `extra` are checked
    output options from the configuration (name, value, name, value…); they apply to transcodes only
    and override ours.
    """
    video, audio = plan.video, plan.audio
    source = f"0:{video.stream.index}"
    copied = video.action == "copy"
    mp4: Options = {"map": [source if copied else "[video]"]}
    pictures: list[tuple[str, Options]] = []
    if audio:
        mp4["map"] = [*(mp4["map"] or ()), f"0:{audio.stream.index}"]
    if copied:
        mp4 |= {"c:v": "copy"} if plan.notes else {"c:v": "copy", "bsf:v": _NO_NOTES}
    else:
        # One decode and one round of filters for both.
        made = video_filters(video.stream, plan.width, plan.height, plan.rate)
        seen, pictures = posters.of_encoded(plan)
        mp4["filter_complex"] = f"[{source}]{made},split[video][seen];{seen}"
        mp4 |= _video_options(plan)
    if audio:
        mp4 |= {"c:a": "copy"} if audio.action == "copy" else _audio_options(plan, audio.stream)
    mp4 |= _CONTAINER
    if not copied or (audio and audio.action == "transcode"):
        pairs = zip(extra[::2], extra[1::2], strict=True)
        mp4 |= {name.removeprefix("-"): value for name, value in pairs}
    return [(VIDEO, mp4), *pictures]


# Of H.264 the SEI: the encoder's name and settings, in camcorders' time and place.
_NO_NOTES = "filter_units=remove_types=6"
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
    options: Options = {
        "c:v": "libx264",
        "preset:v": plan.profile.preset,
        "crf:v": str(plan.profile.crf),
        "rc-lookahead:v": str(plan.profile.lookahead),
        "profile:v": "high",
        "force_key_frames:v": ",".join(f"{at:.3f}" for at in looked_at(plan)),
    }
    if plan.rate is None:
        return options | {"fps_mode:v": "vfr"}
    # Not the fps filter: on a file of one packet it returns success and no frame.
    return options | {"fps_mode:v": "cfr", "r:v": f"{plan.rate.numerator}/{plan.rate.denominator}"}


def looked_at(plan: Plan) -> tuple[float, ...]:
    """Where, in seconds, the result is decoded to see that it can be: from the first, a middle and
    the last keyframe. A copy has its keyframes; in what we encode we put them there, so that the
    look can begin before ffprobe has found them."""
    read = plan.video.stream.packets
    if plan.video.action == "copy" and read.keyframes:
        keys = read.keyframes
        places = (keys[0], keys[len(keys) // 2], keys[-1])
        return tuple(sorted({at - read.start for at in places}))
    return tuple(sorted({0.0, read.seconds / 2, max(0.0, read.seconds - 1)}))


def _audio_options(plan: Plan, sound: Stream) -> Options:
    options: Options = {
        "c:a": "aac",
        "b:a": plan.profile.audio_bitrate,
        "ac": "2",
        "af": audio_filters(sound),
    }
    if not 8000 <= sound.sample_rate <= 48000:
        options["ar"] = "48000"
    return options
