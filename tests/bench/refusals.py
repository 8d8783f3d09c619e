"""What becomes of every kind of file we know how to make, in one table: how many of which kind were
published, and how many refused for which reason.

`python -m tests.bench.refusals` makes and converts some 900 files, which takes half an hour to an
hour on two cores; with names of KINDS only those.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "web"))

from contests.reasons import Refused
from tests import damaged_media, encoders, hostile_media
from workerjob.convert import ToolFailed, convert

Made = Callable[[Path], Path | None]  # writes a file into a folder; None: there is no such file
PUBLISHED, NOTED, PARTIAL = "published", "published, with a note", "published as partial"


def _encoded(kind: str) -> Iterator[tuple[str, Made]]:
    for name in encoders.encoders(kind):
        for box in encoders.CONTAINERS:
            make = partial(encoders.clip, kind=kind, encoder=name, container=box)
            yield f"{name} in {box}", make


def _damaged(
    damage: Callable[[str, float], bytes], shares: tuple[float, ...]
) -> Iterator[tuple[str, Made]]:
    for name in damaged_media.FILES:
        for share in shares:
            yield f"{name}, {share:.1%}", _written(partial(damage, name, share))


def _hostile() -> Iterator[tuple[str, Made]]:
    for name, (make, _) in hostile_media.CASES.items():
        yield name, _written(make)
    for name, text in hostile_media.PLAYLISTS.items():
        yield name, _written(text.format("/etc/passwd").encode)


def _written(content: Callable[[], bytes]) -> Made:
    def write(folder: Path) -> Path:
        path = folder / "file"
        path.write_bytes(content())
        return path

    return write


KINDS: dict[str, Callable[[], Iterator[tuple[str, Made]]]] = {
    "cut off": lambda: _damaged(damaged_media.cut, damaged_media.KEPT),
    "rotten": lambda: _damaged(damaged_media.rotten, damaged_media.ROTTEN),
    "hostile": _hostile,
    "sound": lambda: _encoded("audio"),
    "picture": lambda: _encoded("video"),
}


def fate(make: Made) -> str:
    """How converting one file ended: published in some way, a reason's code, or our own fault.

    Empty when there is no such file.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = make(Path(folder))
        if source is None:
            return ""
        try:
            done = convert(source, Path(folder, "out"))
        except Refused as refused:
            return refused.code
        except ToolFailed:
            return "OUR FAULT"
        if not encoders.decodes(done.renditions[0].path):
            return "NOT PLAYABLE"
    return PARTIAL if done.partial else NOTED if done.warnings else PUBLISHED


def main(names: list[str]) -> None:
    """Print each file that was not simply published, then the table."""
    counts = {}
    with ThreadPoolExecutor(2) as pool:
        for kind in names or KINDS:
            files = dict(KINDS[kind]())
            fates = dict(zip(files, pool.map(fate, files.values()), strict=True))
            for name, end in fates.items():
                if end not in ("", PUBLISHED):
                    print(f"{kind}: {name}: {end}", flush=True)
            counts[kind] = Counter(filter(None, fates.values()))
    counts["all"] = sum(counts.values(), Counter())
    ends = [PUBLISHED, NOTED, PARTIAL]
    ends += sorted(set(counts["all"]) - set(ends))
    print("\n| ends in |", " | ".join(counts), "|")
    print("|---" * (len(counts) + 1) + "|")
    for end in ends:
        print(f"| {end} |", " | ".join(str(count[end]) for count in counts.values()), "|")
    print("| files |", " | ".join(str(count.total()) for count in counts.values()), "|")


if __name__ == "__main__":
    main(sys.argv[1:])
