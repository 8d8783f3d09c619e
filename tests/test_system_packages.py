"""What set-up installs through apt, tried on folders of stand-in programs as the whole PATH."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "web/requirements/system.sh"
LOG = 'echo "$(basename "$0") $*" >> "$LOG"; '


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return a PATH of one folder, on which a machine without root, sudo, apt or ffmpeg lies."""
    folder = tmp_path / "bin"
    folder.mkdir()
    add(folder, "id", "echo 1000")
    (folder / "basename").symlink_to("/usr/bin/basename")
    (folder / "sh").symlink_to("/bin/sh")
    return folder


def add(machine: Path, name: str, script: str = "exit 0") -> None:
    path = machine / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def need(machine: Path, *programs: str) -> tuple[int, str, list[str]]:
    """Run the script; return its exit status, what it told people, and what it ran."""
    log = machine / "log"
    result = subprocess.run(
        ["/bin/sh", SCRIPT, *programs],
        env={"PATH": str(machine), "LOG": str(log)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return result.returncode, result.stdout, log.read_text().splitlines() if log.exists() else []


def test_nothing_happens_where_all_is_there(machine: Path) -> None:
    for name in ("ffmpeg", "ffprobe", "bwrap", "chromium", "python3"):
        add(machine, name)
    assert need(machine, "python", "ffmpeg", "bubblewrap", "chromium") == (0, "", [])


def test_root_installs_only_what_is_missing(machine: Path) -> None:
    add(machine, "id", "echo 0")
    add(machine, "bwrap")
    add(machine, "apt-get", LOG)
    assert need(machine, "ffmpeg", "bubblewrap") == (
        0,
        "Installing with apt: ffmpeg\n",
        ["apt-get update -q", "apt-get install -q -y --no-install-recommends ffmpeg"],
    )


def test_others_install_with_sudo(machine: Path) -> None:
    add(machine, "apt-get")
    add(machine, "sudo", LOG)
    status, _, ran = need(machine, "ffmpeg", "bubblewrap")
    assert (status, ran) == (
        0,
        [
            "sudo apt-get update -q",
            "sudo apt-get install -q -y --no-install-recommends ffmpeg bubblewrap",
        ],
    )


def test_without_sudo_the_command_for_root_is_shown(machine: Path) -> None:
    add(machine, "apt-get", LOG)
    assert need(machine, "ffmpeg", "bubblewrap") == (
        1,
        (
            "Installing packages needs root, and there is no sudo. As root, run:\n"
            "    apt-get install ffmpeg bubblewrap\n"
        ),
        [],
    )


def test_without_apt_the_packages_are_named(machine: Path) -> None:
    status, said, _ = need(machine, "ffmpeg", "bubblewrap")
    assert status == 1
    assert said == (
        "This machine has no apt-get. Install these Debian packages, or what your system calls "
        "them, then try again: ffmpeg bubblewrap\n"
    )


def test_a_failing_apt_stops_the_set_up(machine: Path) -> None:
    add(machine, "id", "echo 0")
    add(machine, "apt-get", "exit 100")
    assert need(machine, "ffmpeg")[0] == 100


def test_an_old_python_is_refused_by_its_version(machine: Path) -> None:
    add(machine, "python3", '[ "$1" = --version ] && echo Python 3.9.2 && exit; exit 1')
    assert need(machine, "python") == (
        1,
        "VideoShare needs Python 3.11 or later as 'python3'; here it is: Python 3.9.2.\n",
        [],
    )


def test_a_python_without_venv_gets_its_package(machine: Path) -> None:
    add(machine, "id", "echo 0")
    add(machine, "apt-get", LOG)
    add(machine, "python3", "case $2 in *ensurepip*) exit 1;; esac")
    assert need(machine, "python")[2][-1] == (
        "apt-get install -q -y --no-install-recommends python3-venv"
    )
