"""Which pictures become a video's posters, and the options that have ffmpeg make them. Pure.

Candidates come from all over the video; the fullest of each third are kept. Each comes in two
sizes: for our own pages, and for what social networks show of a page.
"""

from workerjob.ffmpeg import Options
from workerjob.plan import Plan

CANDIDATES = "poster%02d.jpg"
SHARED = "share%02d.jpg"
SHARED_SIZE = (1200, 630)  # pixels: what social networks show of a page
POSTERS = 3
CANDIDATE_COUNT = 9
_DECODED = 30  # seconds of video
# Later than the keyframe: ffmpeg seeks 0.13 s early where a container counts by decoding time, and
# that must not land us one group earlier.
_JUMP_MARGIN = 0.2


def best(sizes: list[int]) -> list[int]:
    """Which of the candidates (their bytes, in order of time) become posters, the best one first.

    One from each third of the video. At a fixed quality a JPEG is as long as there is to see in
    it: black, blurred, faded and empty pictures are short.
    """
    fullest = [max(third, key=lambda at: sizes[at]) for third in _thirds(len(sizes)) if third]
    return sorted(fullest, key=lambda at: -sizes[at])


def size(plan: Plan) -> tuple[int, int]:
    """Width and height of the posters in pixels."""
    shrink = max(1.0, max(plan.width, plan.height) / plan.profile.poster_side)
    return max(1, round(plan.width / shrink)), max(1, round(plan.height / shrink))


def of_encoded(plan: Plan) -> tuple[str, list[tuple[str, Options]]]:
    """For the run that encodes the video: a filter graph from [seen] on, and what to write."""
    graph = f"[seen]{_spread(plan)},split[posters][best];[best]{_shared(plan)}[shared]"
    return graph, _WRITTEN


def of_copied(plan: Plan) -> tuple[list[Options], list[tuple[str, Options]]]:
    """For a run of their own: how to read the source of a copied video, and what to write.

    Keyframes will do, unless there are too few to choose from in a video short enough to decode. Of
    many only some are looked at, each by an input of its own that jumps there. One thread, because
    starting more takes longer than decoding a handful of keyframes.
    """
    read = plan.video.stream.packets
    one: Options = {"threads:v": "1"}
    if picked := _picked(plan):
        jump: Options = {"seek_timestamp": "1", "noaccurate_seek": None, "t": "0.5"}
        if plan.container != "flv":  # which does not say up front what is in it
            jump |= {"nofind_stream_info": None}  # that would decode its first keyframe each time
        inputs = [one | jump | {"ss": f"{at + _JUMP_MARGIN:.6f}"} for at in picked]
        (name, options), shared = _WRITTEN
        joined: Options = {"filter_complex": _joined(plan, len(picked))}
        return inputs, [(name, options | joined), shared]
    source = f"0:{plan.video.stream.index}"
    few = len(read.keyframes) < POSTERS and read.seconds <= _DECODED
    made = [(name, options | {"map": source}) for name, options in of_any(plan)]
    return [one if few else one | {"skip_frame:v": "nokey"}], made


def of_any(plan: Plan) -> list[tuple[str, Options]]:
    """What to write of a video whose pictures are upright and of everyday colours."""
    made = _spread(plan)
    return [
        (CANDIDATES, _JPEG | {"vf": made}),
        (SHARED, _JPEG | {"vf": f"{made},{_shared(plan)}"}),
    ]


def _picked(plan: Plan) -> list[float]:
    """Which keyframes of a video with many of them are decoded: the longest of each third.

    As with JPEGs (see best), how long a keyframe is tells how much there is to see.
    """
    read = plan.video.stream.packets
    if len(read.keyframes) <= CANDIDATE_COUNT:
        return []
    thirds = _thirds(len(read.keyframes))
    return [read.keyframes[max(third, key=read.keyframe_bytes.__getitem__)] for third in thirds]


def _thirds(count: int) -> list[range]:
    return [range(count * n // POSTERS, count * (n + 1) // POSTERS) for n in range(POSTERS)]


def _joined(plan: Plan, count: int) -> str:
    """The keyframes of so many inputs, one after the other, in both sizes."""
    source = plan.video.stream.index
    # Pictures of an open group that come before its keyframe are not given out by the decoder.
    firsts = "".join(f"[{n}:{source}]trim=end_frame=1[k{n}];" for n in range(count))
    names = "".join(f"[k{n}]" for n in range(count))
    joined = f"concat=n={count},setpts=N/TB,{_picture(plan)},split[posters][best]"
    return f"{firsts}{names}{joined};[best]{_shared(plan)}[shared]"


def _spread(plan: Plan) -> str:
    """Candidates spread over the video: the first picture, then one at every so many seconds."""
    every = plan.video.stream.packets.seconds / CANDIDATE_COUNT
    spread = f"select='isnan(prev_selected_t)+gte(t-prev_selected_t,{every:.3f})'"
    return f"{spread},{_picture(plan)}"


def _picture(plan: Plan) -> str:
    width, height = size(plan)
    return f"scale={width}:{height}:out_range=full,setsar=1,format=yuvj420p"


def _shared(plan: Plan) -> str:
    """A poster whole in the middle of black, because networks cut what has another shape."""
    (width, height), (wide, high) = size(plan), SHARED_SIZE
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
_WRITTEN: list[tuple[str, Options]] = [
    (CANDIDATES, _JPEG | {"map": "[posters]"}),
    (SHARED, _JPEG | {"map": "[shared]"}),
]
