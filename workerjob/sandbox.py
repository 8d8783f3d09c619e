"""A box for ffmpeg: one small launcher script per job, run instead of the program itself.

python-ffmpeg wants a single executable, so the box is a shell script of two lines, written into
the job's folder, that replaces itself (`exec`) until ffmpeg runs. Its lines hold only paths and
numbers made by us; whatever the caller passes goes through as "$@" and is never parsed.

Inside the box there is the system's /usr, the one source (read only), one output folder and a
small /tmp: no network, no credentials, no other user's files. Without bubblewrap the same script
still empties the environment and sets the limits.
"""

import functools
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

SOURCE = "source"  # the names ffmpeg knows its files by, relative to the job's folder
OUT = "out"
_INSIDE = "/job"
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    # Every arena reserves address space, and ffmpeg starts a thread or two per core.
    "MALLOC_ARENA_MAX": "4",
}


@dataclass(frozen=True)
class Limits:
    """What one run of ffmpeg or ffprobe may use; beyond it the run is killed.

    Memory and sizes are in bytes, times in seconds. `media_seconds` is the longest video we take.
    """

    address_space: int = 4 << 30
    cpu_seconds: int = 8 * 3600
    file_bytes: int = 8 << 30
    open_files: int = 128
    wall_seconds: float = 4 * 3600
    media_seconds: float = 4 * 3600


@functools.cache
def available() -> bool:
    """Whether a box can really be built here: found out once by running `true` in one."""
    with tempfile.TemporaryDirectory() as folder:
        job = Path(folder)
        (job / SOURCE).touch()
        (job / OUT).mkdir()
        script = launcher(job, "true", Limits(), boxed=True)
        try:
            ran = subprocess.run([script], check=False, capture_output=True, timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            return False
        return ran.returncode == 0


def launcher(job: Path, program: str, limits: Limits, boxed: bool) -> Path:
    """Write the script that runs `program` for this job, and return its path.

    `job` is the job's folder; it holds the source as `source` (a link is fine) and the output
    folder `out`. The script starts in that folder, in a process group of its own, and dies with
    the thread that started it, so a killed worker leaves nothing running.

    Raises FileNotFoundError when there is no such program.
    """
    found = shutil.which(program)
    if found is None:
        raise FileNotFoundError(f"{program!r} is not an executable")
    path = Path(found).resolve()
    bound = [
        *("/usr/bin/env", "-i", *(f"{name}={value}" for name, value in _ENVIRONMENT.items())),
        *("setsid", "prlimit"),
        f"--as={limits.address_space}",
        f"--cpu={limits.cpu_seconds}",
        f"--fsize={limits.file_bytes}",
        f"--nofile={limits.open_files}",
        "--core=0",
    ]
    # In the box pdeathsig is bubblewrap's --die-with-parent.
    inner = _bubblewrap(job, path) if boxed else ["setpriv", "--pdeathsig", "KILL"]
    words = shlex.join([*bound, *inner, str(path)])
    script = job / path.name
    script.write_text(f'#!/bin/sh\ncd {shlex.quote(str(job))} && exec {words} "$@"\n')
    script.chmod(0o700)
    return script


def _bubblewrap(job: Path, program: Path) -> list[str]:
    """The command line that enters the box, up to but without the program."""
    words = [
        *("bwrap", "--unshare-all", "--die-with-parent", "--new-session"),
        *("--uid", "65534", "--gid", "65534", "--cap-drop", "ALL"),
        *("--ro-bind", "/usr", "/usr"),
        # Debian's libblas is found through a link in here.
        *("--ro-bind-try", "/etc/alternatives", "/etc/alternatives"),
        # Saves the dynamic linker a search for each of ffmpeg's hundreds of libraries.
        *("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"),
    ]
    for name in ("/bin", "/lib", "/lib32", "/lib64"):
        if Path(name).is_symlink():
            words += ["--symlink", str(Path(name).readlink()), name]
        elif Path(name).is_dir():
            words += ["--ro-bind", name, name]
    if not program.is_relative_to("/usr"):
        words += ["--ro-bind", str(program.parent), str(program.parent)]
    # Not only env -i outside: bubblewrap adds PWD.
    words += ["--clearenv"]
    for name, value in _ENVIRONMENT.items():
        words += ["--setenv", name, value]
    return [
        *words,
        *("--dev", "/dev", "--size", str(64 << 20), "--tmpfs", "/tmp"),  # noqa: S108 - inside the box
        # Bound under fixed names: bubblewrap follows the link, ffmpeg never sees the real name.
        *("--ro-bind", str(job / SOURCE), f"{_INSIDE}/{SOURCE}"),
        *("--bind", str(job / OUT), f"{_INSIDE}/{OUT}"),
        *("--chdir", _INSIDE, "--"),
    ]
