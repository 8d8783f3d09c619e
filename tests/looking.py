"""Looking at what came out: with ffprobe, at single pixels, at the folder."""

import json
import subprocess
from pathlib import Path
from typing import Any

from workerjob.convert import Converted

FILES = ["poster.jpg", "poster2.jpg", "poster3.jpg", "share.jpg", "video.mp4"]


def look(path: Path) -> dict[str, Any]:
    """All that ffprobe says of a file, its packets counted."""
    words = ["ffprobe", "-v", "error", "-count_packets", "-show_format", "-show_streams"]
    done = subprocess.run([*words, "-of", "json", path], capture_output=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def actions(done: Converted) -> list[str]:
    """What was done with each stream."""
    return [f"{d.stream.codec} {d.action}" for d in done.plan.decisions]


def everything_in(folder: Path) -> list[str]:
    """The names of the files in a folder, in order."""
    return sorted(path.name for path in folder.iterdir())


def make(path: Path, *words: str) -> Path:
    """What ffmpeg writes when given these words."""
    subprocess.run(["ffmpeg", "-v", "error", "-y", *words, str(path)], check=True)
    return path


def video(path: Path) -> dict[str, Any]:
    """What ffprobe says of a file's first picture stream."""
    words = ["ffprobe", "-v", "error", "-select_streams", "v", "-show_streams", "-of", "json"]
    found = json.loads(subprocess.run([*words, path], capture_output=True, check=True).stdout)
    return dict(found["streams"][0])


def pixels(path: Path, columns: int, rows: int) -> list[tuple[int, int, int]]:
    """The first picture averaged to so many RGB pixels, row by row, in true colours."""
    words = ["-vf", f"format=gbrp,scale={columns}:{rows}:flags=area,format=rgb24", "-frames:v", "1"]
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", path, *words, "-f", "rawvideo", "-"],
        capture_output=True,
        check=True,
    ).stdout
    return [(done[at], done[at + 1], done[at + 2]) for at in range(0, len(done), 3)]


def names(path: Path, columns: int, rows: int) -> str:
    """The same as letters: Red, Green, Blue, White, blacK."""
    letters = {(1, 0, 0): "R", (0, 1, 0): "G", (0, 0, 1): "B", (1, 1, 1): "W", (0, 0, 0): "K"}
    found = pixels(path, columns, rows)
    return "".join(letters.get((r > 110, g > 110, b > 110), "?") for r, g, b in found)


def quarters(path: Path, *words: str) -> Path:
    """A video whose quarters are red, green / blue, white."""
    parts = [f"-f lavfi -i color={c}:s=80x60:r=25:d=0.4" for c in ("red", "lime", "blue", "white")]
    graph = "[0][1]hstack[a];[2][3]hstack[b];[a][b]vstack,format=yuv420p"
    return make(path, *" ".join(parts).split(), "-filter_complex", graph, *words)
