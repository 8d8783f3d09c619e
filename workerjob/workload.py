"""How much work a conversion is, and how much of it is done at a given moment. Pure.

Between videos pixels tell most. Within one, a second of falling rain takes ten times as long to
encode as one of a title card, and the bytes that the source spends on each second tell them apart.
"""

from bisect import bisect_right

from workerjob.plan import Plan
from workerjob.probed import Packets

# The share of the work that goes with time alone, the rest with bytes: see tests/bench/README.md.
_BY_TIME = 0.3


def megapixels(plan: Plan) -> float:
    """The work in a plan: millions of pixels to encode.

    A copied video is none: it takes what starting a few processes takes.
    """
    if plan.video.action == "copy":
        return 0.0
    read = plan.video.stream.packets
    pictures = float(plan.rate) * read.seconds if plan.rate else read.shown
    return plan.width * plan.height * pictures / 1e6


def share_done(plan: Plan, second: float) -> float:
    """How much of the work, 0 to 1, lies before this second of the video."""
    read = plan.video.stream.packets
    passed = min(1.0, max(0.0, second / (read.seconds or 1.0)))
    if not read.bytes:
        return passed
    return _BY_TIME * passed + (1 - _BY_TIME) * _bytes_passed(read, second)


def _bytes_passed(read: Packets, second: float) -> float:
    """The share of the video's bytes before this second of it."""
    at = read.start + second
    place = bisect_right(read.filled, at, key=lambda known: known[0])
    if not place:
        return 0.0
    (left, before), (right, after) = (*read.filled, (read.end, read.bytes))[place - 1 : place + 1]
    within = min(1.0, (at - left) / (right - left)) if right > left else 1.0
    return (before + (after - before) * within) / read.bytes
