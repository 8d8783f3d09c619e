"""A box for ffmpeg: one small launcher per job, run instead of the program itself.

python-ffmpeg wants a single executable, so the box is a shell script (launch.sh) that reads one
line, written into the job's folder, and replaces itself (`exec`) until ffmpeg runs. The line holds
only paths and numbers made by us; whatever the caller passes goes through as "$@" and is never
parsed.

Inside the box there is the system's /usr, the one source (read only), one output folder and a
small /tmp: no network, no credentials, no other user's files, and of the kernel only the calls that
seccomp.py lists. Without bubblewrap the same script still empties the environment and sets the
limits.
"""

import functools
import os
import random
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from workerjob import seccomp
from workerjob.limits import Limits

__all__ = ["OUT", "SOURCE", "Limits", "available", "filtered", "launcher"]

SOURCE = "source"  # the names ffmpeg knows its files by, relative to the job's folder
OUT = "out"
_INSIDE = "/job"
_SCRIPT = Path(__file__).resolve().with_name("launch.sh")
_CALLS = "calls.bpf"
_CALLS_FD = "9"
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    # Every arena reserves address space, and ffmpeg starts a thread or two per core.
    "MALLOC_ARENA_MAX": "4",
}


def available() -> bool:
    """Whether a box can really be built here, with the filter of system calls or without."""
    return filtered() or _works(b"")


def filtered() -> bool:
    """Whether the box keeps system calls out, too: needs libseccomp and a kernel that can."""
    return bool(seccomp.program()) and _works(seccomp.program())


@functools.cache
def _works(calls: bytes) -> bool:
    """Found out once by running `true` in a box."""
    with tempfile.TemporaryDirectory() as folder:
        job = Path(folder)
        (job / SOURCE).touch()
        (job / OUT).mkdir()
        script = _write(job, Path("/usr/bin/true"), Limits(), _bubblewrap(job, calls))
        try:
            ran = subprocess.run([script], check=False, capture_output=True, timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            return False
        return ran.returncode == 0


def launcher(job: Path, program: str, limits: Limits, boxed: bool) -> Path:
    """Make what runs `program` for this job, and return its path.

    `job` is the job's folder; it holds the source as `source` (a link is fine) and the output
    folder `out`. What is returned starts in that folder, in a process group of its own, only for
    this process, and dies with the thread that started it: a killed worker leaves nothing running.

    Raises FileNotFoundError when there is no such program.
    """
    found = shutil.which(program)
    if found is None:
        raise FileNotFoundError(f"{program!r} is not an executable")
    path = Path(found).resolve()
    calls = seccomp.program() if boxed and filtered() else b""
    return _write(job, path, limits, _bubblewrap(job, calls, path) if boxed else [])


def _write(job: Path, program: Path, limits: Limits, inner: list[str]) -> Path:
    words = [
        *("/usr/bin/env", "-i", *(f"{name}={value}" for name, value in _ENVIRONMENT.items())),
        # Bubblewrap binds itself to its parent only after a while. What it starts just then dies of
        # SIGPIPE, telling its progress; a worker that died even earlier is no parent any more.
        *("setpriv", "--pdeathsig", "KILL", "sh", "-c", f'[ $PPID = {os.getpid()} ] && exec "$@"'),
        *("sh", "setsid", *(_on_one_processor() if limits.frugal else ()), "prlimit"),
        f"--as={limits.address_space}",
        f"--data={limits.memory}",
        f"--stack={limits.stack}",
        f"--cpu={limits.cpu_seconds}",
        f"--fsize={limits.file_bytes}",
        f"--nofile={limits.open_files}",
        "--core=0",
        *inner,
        str(program),
    ]
    link = job / program.name
    calls = f" {_CALLS_FD}<{_CALLS}" if "--seccomp" in inner else ""
    line = f'cd {shlex.quote(str(job))} && exec {shlex.join(words)} "$@"{calls}\n'
    link.with_name(f"{link.name}.box").write_text(line)
    if not link.is_symlink():
        link.symlink_to(_SCRIPT)
    return link


def _on_one_processor() -> tuple[str, ...]:
    """The words that leave a program one processor, any, so that it starts few threads."""
    return ("taskset", "--cpu-list", str(random.choice(sorted(os.sched_getaffinity(0)))))  # noqa: S311


def _bubblewrap(job: Path, calls: bytes, program: Path = Path("/usr/bin/true")) -> list[str]:
    """The command line that enters the box, up to but without the program.

    `calls` is the filter of system calls, put into the job's folder; empty for none.
    """
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
    if calls:
        (job / _CALLS).write_bytes(calls)
    filtering = ["--seccomp", _CALLS_FD] if calls else []
    return [
        *words,
        *("--dev", "/dev", "--size", str(1 << 20), "--tmpfs", "/tmp"),  # noqa: S108 - inside the box
        # Bound under fixed names: bubblewrap follows the link, ffmpeg never sees the real name.
        *("--ro-bind", str(job / SOURCE), f"{_INSIDE}/{SOURCE}"),
        *("--bind", str(job / OUT), f"{_INSIDE}/{OUT}"),
        # Both are in memory, and no limit counts what a program would put there.
        *("--remount-ro", "/dev", "--remount-ro", "/"),
        *("--chdir", _INSIDE, *filtering, "--"),
    ]
