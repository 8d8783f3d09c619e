"""What /proc says of running processes; one that has ended has nothing to say."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path


def descendants(pid: int) -> Iterator[int]:
    """The ids of a process's children, theirs, and so on."""
    # Not getrusage: bubblewrap does not wait for what it starts, so nobody is told.
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except FileNotFoundError:  # it ended just now
        return
    for thread in threads:
        for child in _read(thread / "children").split():
            yield int(child)
            yield from descendants(int(child))


def running(program: str, pid: int) -> Iterator[int]:
    """The ids of a process's descendants that run this program."""
    for each in descendants(pid):
        with contextlib.suppress(OSError):  # it ended just now
            if Path(f"/proc/{each}/exe").readlink().name == program:
                yield each


def is_running(pid: int) -> bool:
    """Say whether there is such a process."""
    return Path(f"/proc/{pid}").exists()


def memory(pid: int, field: str) -> int:
    """Bytes, libraries included: "VmRSS" for now, "VmHWM" for the most there ever was."""
    found = re.search(rf"^{field}:\s+(\d+) kB", _read(Path(f"/proc/{pid}/status")), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def heeds(pid: int, number: int) -> bool:
    """Whether a process does not just die of this signal: its handler is in place, or it ended."""
    status = _read(Path(f"/proc/{pid}/status"))
    masks = re.findall(r"^Sig(?:Cgt|Ign):\s+(\w+)", status, re.MULTILINE)
    return not masks or any(int(mask, 16) >> number - 1 & 1 for mask in masks)


def naming(text: str) -> list[str]:
    """The command lines in which `text` occurs, this machine's over."""
    lines = (_read(path) for path in Path("/proc").glob("[0-9]*/cmdline"))
    return [line.replace("\0", " ") for line in lines if text in line]


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # the same
        return ""


def stands_still(pid: int) -> bool:
    """Say whether a process was stopped, as by SIGSTOP."""
    return _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()[:1] == ["T"]
