"""The clips that are measured, made by ffmpeg on the spot."""

import subprocess
from pathlib import Path

_TEN_MEGABYTES = 10 * 1000 * 1000


def wmv(folder: Path) -> Path:
    """30 seconds of 720p WMV2 and WMA."""
    path = folder / "bench.wmv"
    _make(path, 30, "-c:v", "wmv2", "-b:v", "4M", "-c:a", "wmav2")
    return path


def flv(folder: Path) -> Path:
    """10 MB of 720p H.264 and AAC in FLV: 45 seconds at 1.8 Mbit/s."""
    path = folder / "bench.flv"
    video = ("-c:v", "libx264", "-preset", "veryfast", "-b:v", "1650k")
    _make(path, 45, *video, "-c:a", "aac", "-b:a", "128k")
    size = path.stat().st_size
    if not 0.9 * _TEN_MEGABYTES < size < 1.1 * _TEN_MEGABYTES:
        raise AssertionError(f"{path.name} has {size} bytes")
    return path


def _make(path: Path, seconds: int, *options: str) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25")
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100")
    words = ["ffmpeg", "-v", "error", "-nostdin", "-y", *picture, *tone, "-t", str(seconds)]
    subprocess.run([*words, *options, str(path)], check=True)
