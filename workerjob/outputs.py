"""From a plan to ffmpeg's options, and what the configuration may add to them. Pure."""

import re
import shlex

from workerjob.filters import audio_filters, video_filters
from workerjob.plan import Plan
from workerjob.probed import Stream

Options = dict[str, str | list[str] | None]  # as python-ffmpeg takes them; None: no value

VIDEO = "video.mp4"
CANDIDATES = "poster%02d.jpg"
SHARED = "share%02d.jpg"
SHARED_SIZE = (1200, 630)  # pixels: what social networks show of a page
POSTERS = 3
CANDIDATE_COUNT = 9
_DECODED_FOR_POSTERS = 30  # seconds of video

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


def inputs(plan: Plan) -> list[Options]:
    """How ffmpeg reads the source, and how often: when copying, only the posters need decoding.

    Keyframes will do, unless there are too few to choose from in a video short enough to decode. Of
    many only some are looked at, each by an input of its own that jumps there. One thread, because
    starting more takes longer than decoding a handful of keyframes.
    """
    if plan.video.action != "copy":
        # New filters at every change of size, as damage makes them, would count from 0 again.
        return [{"reinit_filter:v": "0"} if plan.video.stream.retimed else {}]
    read = plan.video.stream.packets
    if len(read.keyframes) < POSTERS and read.seconds <= _DECODED_FOR_POSTERS:
        return [{"threads:v": "1"}]
    quick: Options = {"skip_frame:v": "nokey", "threads:v": "1"}
    # A little earlier than the keyframe: what is before it is decoded, and left out.
    jump: Options = {"seek_timestamp": "1", "t": "0.5"}
    return [quick, *(quick | jump | {"ss": f"{max(0.0, at - 0.1):.6f}"} for at in _picked(plan))]


def _picked(plan: Plan) -> list[float]:
    """Which keyframes of a copied video with many of them are decoded: the longest of each third.

    As with JPEGs (see best_posters), how long a keyframe is tells how much there is to see.
    """
    read = plan.video.stream.packets
    if plan.video.action != "copy" or len(read.keyframes) <= CANDIDATE_COUNT:
        return []
    thirds = _thirds(len(read.keyframes))
    return [read.keyframes[max(third, key=read.keyframe_bytes.__getitem__)] for third in thirds]


def _thirds(count: int) -> list[range]:
    return [range(count * n // POSTERS, count * (n + 1) // POSTERS) for n in range(POSTERS)]


def arguments(plan: Plan, extra: tuple[str, ...] = ()) -> list[tuple[str, Options]]:
    """The outputs of the one ffmpeg run: (file name, options) for the MP4 and its posters, these
    in two sizes.

    `extra` are checked output options from the configuration (name, value, name, value…); they
    apply to transcodes only and override ours.
    """
    video, audio = plan.video, plan.audio
    source = f"0:{video.stream.index}"
    copied = video.action == "copy"
    mp4: Options = {"map": [source if copied else "[video]"]}
    if audio:
        mp4["map"] = [*(mp4["map"] or ()), f"0:{audio.stream.index}"]
    if copied:
        mp4 |= {"c:v": "copy"} if plan.notes else {"c:v": "copy", "bsf:v": _NO_NOTES}
        pictures = [(name, made | {"map": source}) for name, made in poster_options(plan)]
        if picked := len(_picked(plan)):
            mp4["filter_complex"] = _joined(plan, picked)
            pictures = _PICTURES
    else:
        # One decode and one round of filters for both.
        made = video_filters(video.stream, plan.width, plan.height, plan.rate)
        mp4["filter_complex"] = (
            f"[{source}]{made},split[video][seen];[seen]{_poster_filters(plan)},split[posters][best]"
            f";[best]{_shared_filters(plan)}[shared]"
        )
        mp4 |= _video_options(plan)
        pictures = _PICTURES
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


def poster_size(plan: Plan) -> tuple[int, int]:
    """Width and height of the posters in pixels."""
    shrink = max(1.0, max(plan.width, plan.height) / plan.profile.poster_side)
    return max(1, round(plan.width / shrink)), max(1, round(plan.height / shrink))


def best_posters(sizes: list[int]) -> list[int]:
    """Which of the candidates (their bytes, in order of time) become posters, the best one first.

    One from each third of the video. At a fixed quality a JPEG is as long as there is to see in
    it: black, blurred, faded and empty pictures are short.
    """
    best = [max(third, key=lambda at: sizes[at]) for third in _thirds(len(sizes)) if third]
    return sorted(best, key=lambda at: -sizes[at])


def poster_options(plan: Plan) -> list[tuple[str, Options]]:
    """The candidates for posters in two sizes, from pictures that are upright and of everyday
    colours."""
    made = _poster_filters(plan)
    return [
        (CANDIDATES, _JPEG | {"vf": made}),
        (SHARED, _JPEG | {"vf": f"{made},{_shared_filters(plan)}"}),
    ]


def _joined(plan: Plan, count: int) -> str:
    """The first picture of each input after the first, one after the other, in both sizes."""
    source = plan.video.stream.index
    firsts = "".join(f"[{n}:{source}]trim=end_frame=1[k{n}];" for n in range(1, count + 1))
    names = "".join(f"[k{n}]" for n in range(1, count + 1))
    joined = f"concat=n={count},setpts=N/TB,{_poster_picture(plan)},split[posters][best]"
    return f"{firsts}{names}{joined};[best]{_shared_filters(plan)}[shared]"


def _poster_filters(plan: Plan) -> str:
    """Candidates spread over the video: the first picture, then one at every so many seconds."""
    every = plan.video.stream.packets.seconds / CANDIDATE_COUNT
    spread = f"select='isnan(prev_selected_t)+gte(t-prev_selected_t,{every:.3f})'"
    return f"{spread},{_poster_picture(plan)}"


def _poster_picture(plan: Plan) -> str:
    width, height = poster_size(plan)
    return f"scale={width}:{height}:out_range=full,setsar=1,format=yuvj420p"


def _shared_filters(plan: Plan) -> str:
    """A poster whole in the middle of black, because networks cut what has another shape."""
    (width, height), (wide, high) = poster_size(plan), SHARED_SIZE
    grow = min(wide / width, high / height)
    inside = f"{max(1, round(width * grow))}:{max(1, round(height * grow))}"
    return f"scale={inside},pad={wide}:{high}:(ow-iw)/2:(oh-ih)/2,setsar=1"


_JPEG: Options = {
    "frames:v": str(CANDIDATE_COUNT),
    "fps_mode:v": "passthrough",
    "c:v": "mjpeg",
    "q:v": "4",
    "map_metadata": "-1",
    "fflags": "+bitexact",
    "flags": "+bitexact",
    "f": "image2",
}
_PICTURES: list[tuple[str, Options]] = [
    (CANDIDATES, _JPEG | {"map": "[posters]"}),
    (SHARED, _JPEG | {"map": "[shared]"}),
]
