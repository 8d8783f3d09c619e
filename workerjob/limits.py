"""What one conversion may use: the one place where it is set. README.md says what each stops.

The limits grow with what was sent, so that a long video from a good camera passes while a small
file that pretends to be one is stopped after seconds. Measured with ffmpeg 5.1 on two processors:
transcoding 1080p needs 440 MB, 4096 × 2304 in 10 bits 4:4:4 900 MB; one processor 280 and 630.
"""

import os
from dataclasses import dataclass, replace

from workerjob.accepted import MAX_PIXELS

_KB, _MB, _GB = 1 << 10, 1 << 20, 1 << 30
# Up to here a file is small: it must do with one processor and little memory.
_SMALL = 100 * _KB
_SMALL_SECONDS = 10.0
_SMALL_MEMORY = 224 * _MB
# Beyond, each byte sent buys this much. The fewest bytes for the most work seen in real files are
# slides recorded for an hour: 9 MB, half an hour of encoding.
_SECONDS_PER_BYTE = 600 / _MB
_MEMORY_PER_BYTE = 1000
_WRITTEN_PER_BYTE = 500
# What honest work needs, several times over: a slow processor encodes 60 megapixels a second.
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
    processors: int = 1024
    cpu_seconds: int = 48 * 3600
    file_bytes: int = 16 * _GB
    open_files: int = 128
    wall_seconds: float = 12 * 3600
    media_seconds: float = 4 * 3600


def limits_for(
    most: Limits, source_bytes: int, pixels: int = MAX_PIXELS, frames: int | None = None
) -> Limits:
    """The limits for a source of this size, none above those of `most`.

    `pixels` is the size of a picture and `frames` their number, as far as they are known: before
    the file was probed only its bytes count.
    """
    beyond = max(0, source_bytes - _SMALL)
    processors = min(most.processors, len(os.sched_getaffinity(0))) if beyond else 1
    seconds = _SMALL_SECONDS + beyond * _SECONDS_PER_BYTE
    if frames is not None:
        seconds = min(seconds, 60 + frames * pixels * _SECONDS_PER_PIXEL)
    # Decoders keep up to 16 pictures and one or two for each thread, x264 some dozen of 1080p.
    needed = 512 * _MB + 192 * pixels + processors * (32 * _MB + 16 * pixels)
    memory = min(most.memory, _SMALL_MEMORY + beyond * _MEMORY_PER_BYTE, needed)
    wall = min(most.wall_seconds, seconds)
    return replace(
        most,
        memory=memory,
        address_space=min(most.address_space, memory + _GB),
        processors=processors,
        cpu_seconds=min(most.cpu_seconds, int(wall + 1) * processors),
        file_bytes=min(most.file_bytes, 64 * _MB + source_bytes * _WRITTEN_PER_BYTE),
        wall_seconds=wall,
    )


def probing(limits: Limits) -> Limits:
    """The same for ffprobe, which writes error messages only and decodes a few pictures."""
    return replace(
        limits,
        memory=min(limits.memory, 512 * _MB),
        file_bytes=min(limits.file_bytes, 64 * _MB),
    )
