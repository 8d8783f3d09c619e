"""How much work a conversion is, and how much of it is done at a given moment. Pure.

Pixels tell only half: a second of falling rain takes ten times as long to encode as one of a title
card. How many bytes the source's camera spent on it tells the rest, from second to second.
"""

from bisect import bisect_right

from workerjob.plan import Plan
from workerjob.probed import Packets

# What a byte of the source costs to decode and encode again, measured: see tests/bench.
_PIXELS_PER_BYTE = 25


def megapixels(plan: Plan) -> float:
    """The work in a plan, in millions of pixels encoded, bytes counted as the pixels they cost.

    A copied video is none: it takes what starting a few processes takes.
    """
    if plan.video.action == "copy":
        return 0.0
    return (_pixels(plan) + _PIXELS_PER_BYTE * plan.video.stream.packets.bytes) / 1e6


def share_done(plan: Plan, second: float) -> float:
    """How much of the work, 0 to 1, lies before this second of the video."""
    read = plan.video.stream.packets
    pixels, code = _pixels(plan), _PIXELS_PER_BYTE * read.bytes
    if not read.bytes:
        pixels = 1.0
    passed = min(1.0, max(0.0, second / (read.seconds or 1.0)))
    return (pixels * passed + code * _bytes_passed(read, second)) / (pixels + code)


def _pixels(plan: Plan) -> float:
    read = plan.video.stream.packets
    pictures = float(plan.rate) * read.seconds if plan.rate else read.shown
    return plan.width * plan.height * pictures


def _bytes_passed(read: Packets, second: float) -> float:
    """The share of the video's bytes before this second of it."""
    at = read.start + second
    place = bisect_right(read.filled, at, key=lambda known: known[0])
    if not (read.bytes and place):
        return 0.0
    (left, before), (right, after) = (*read.filled, (read.end, read.bytes))[place - 1 : place + 1]
    within = min(1.0, (at - left) / (right - left)) if right > left else 1.0
    return (before + (after - before) * within) / read.bytes
