"""What one conversion may use: the one place where it is set. README.md says what each stops.

The limits grow with what was sent, so that a long video from a good camera passes while a small
file that pretends to be one is stopped after seconds. Measured with ffmpeg 5.1 on two processors:
transcoding 320 × 240 needs 100 MB, 1080p 530 MB, 4096 × 2304 in 10 bits 4:4:4 980 MB; frugally
60, 150 and 490 MB.
"""

import os
from dataclasses import dataclass, replace

from workerjob.accepted import MAX_PIXELS

_KB, _MB, _GB = 1 << 10, 1 << 20, 1 << 30
# What every file gets, and up to which size it gets no more.
_SMALL = 100 * _KB
_SMALL_SECONDS = 10.0
_SMALL_MEMORY = 248 * _MB
# Beyond it each byte buys this much. The fewest bytes for the most work seen in real files are
# slides recorded for an hour: 9 MB, half an hour of encoding.
_SECONDS_PER_BYTE = 600 / _MB
_MEMORY_PER_BYTE = 1000
_WRITTEN_PER_BYTE = 500
# Six times what honest work needs: a slow processor encodes 60 megapixels a second.
_SECONDS_PER_PIXEL = 0.1 / 1e6


@dataclass(frozen=True)
class Limits:
    """What one conversion may use at most; beyond it, it is stopped.

    Memory and sizes are in bytes, times in seconds. `media_seconds` is the longest video we take,
    `wall_seconds` is for the whole conversion, the rest for each run of ffmpeg or ffprobe.
    """

    memory: int = 4 * _GB  # what it can write to and shares with nobody
    address_space: int = 6 * _GB  # that, its libraries and what it reserves
    stack: int = 2 * _MB  # of each thread; counted in `memory` whether used or not
    frugal: bool = False  # one processor, so few threads; and no lookahead (see FRUGAL)
    cpu_seconds: int = 48 * 3600
    file_bytes: int = 16 * _GB
    open_files: int = 128
    wall_seconds: float = 12 * 3600
    media_seconds: float = 4 * 3600


# x264 keeps fewer pictures in memory, 1080p 220 MB less; for what is short it matters little.
FRUGAL = ("-rc-lookahead:v", "0", "-bf:v", "0")


def limits_for(
    most: Limits, source_bytes: int, pixels: int = MAX_PIXELS, frames: int | None = None
) -> Limits:
    """The limits for a source of this size, none above those of `most`.

    `pixels` is the size of a picture and `frames` their number, as far as they are known: before
    the file was probed only its bytes count.
    """
    beyond = max(0, source_bytes - _SMALL)
    memory = min(most.memory, _SMALL_MEMORY + beyond * _MEMORY_PER_BYTE)
    processors = len(os.sched_getaffinity(0))
    needed = _needed(pixels, processors)
    seconds = _SMALL_SECONDS + beyond * _SECONDS_PER_BYTE
    if frames is not None:
        seconds = min(seconds, 60 + frames * pixels * _SECONDS_PER_PIXEL)
    wall = min(most.wall_seconds, seconds)
    return replace(
        most,
        memory=min(memory, 2 * needed),
        address_space=min(most.address_space, memory + _GB),
        frugal=most.frugal or memory < needed,
        cpu_seconds=min(most.cpu_seconds, int(wall + 1) * processors),
        file_bytes=min(most.file_bytes, 64 * _MB + source_bytes * _WRITTEN_PER_BYTE),
        wall_seconds=wall,
    )


def _needed(pixels: int, processors: int) -> int:
    """About the memory, in bytes, for decoding and encoding pictures of so many pixels.

    Decoders keep up to 16 of them, x264 some dozen, both one or two more for each thread.
    """
    return 96 * _MB + 265 * pixels + processors * (8 * _MB + 32 * pixels)


def probing(limits: Limits) -> Limits:
    """The same for ffprobe, which writes error messages only and decodes a few pictures."""
    return replace(
        limits,
        memory=min(limits.memory, 512 * _MB),
        file_bytes=min(limits.file_bytes, 64 * _MB),
    )
