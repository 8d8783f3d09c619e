"""The box is tried by running ordinary programs in it."""

import os
import shlex
import socket
import subprocess
from pathlib import Path

import pytest

from workerjob import sandbox
from workerjob.sandbox import Limits, launcher

needs_box = pytest.mark.skipif(not sandbox.available(), reason="no sandbox can be built here")
either = pytest.mark.parametrize("boxed", [False, pytest.param(True, marks=needs_box)])


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """A job's folder under a name that would hurt if anything parsed it."""
    folder = tmp_path / "a job; $(touch hurt) 'x' \""
    (folder / sandbox.OUT).mkdir(parents=True)
    (folder / sandbox.SOURCE).write_text("the source")
    return folder


def run(
    job: Path, program: str, *words: str, boxed: bool, limits: Limits | None = None
) -> subprocess.CompletedProcess[str]:
    script = launcher(job, program, limits or Limits(), boxed)
    environment = {**os.environ, "AWS_SECRET_ACCESS_KEY": "secret"}
    return subprocess.run([script, *words], capture_output=True, text=True, env=environment)


@either
def test_reads_the_source_and_writes_the_output(job: Path, boxed: bool) -> None:
    done = run(job, "cp", "source", "out/copy", boxed=boxed)
    assert (done.returncode, done.stderr) == (0, "")
    assert (job / "out/copy").read_text() == "the source"


@either
def test_words_reach_the_program_untouched(job: Path, boxed: bool) -> None:
    words = ["$(touch out/x)", ";", "a\nb", "'", '"', "*", "", "ñ😀"]
    assert run(job, "printf", "%s|", *words, boxed=boxed).stdout == "".join(f"{w}|" for w in words)
    assert list((job / "out").iterdir()) == []


@either
def test_no_credential_is_inherited(job: Path, boxed: bool) -> None:
    assert "secret" not in run(job, "env", boxed=boxed).stdout


@either
def test_exit_codes_come_through(job: Path, boxed: bool) -> None:
    assert run(job, "sh", "-c", "exit 7", boxed=boxed).returncode == 7


@either
def test_a_file_larger_than_the_limit_is_not_written(job: Path, boxed: bool) -> None:
    script = "head -c 50000 /dev/zero > out/large"
    done = run(job, "sh", "-c", script, boxed=boxed, limits=Limits(file_bytes=1000))
    assert done.returncode != 0
    assert (job / "out/large").stat().st_size == 1000


@either
def test_memory_beyond_the_limit_is_not_given(job: Path, boxed: bool) -> None:
    words = ("if=/dev/zero", "of=/dev/null", "bs=512M", "count=1")
    roomy = run(job, "dd", *words, boxed=boxed)
    tight = run(job, "dd", *words, boxed=boxed, limits=Limits(address_space=256 << 20))
    assert (roomy.returncode, tight.returncode) == (0, 1)


@either
def test_it_leads_a_process_group_of_its_own(job: Path, boxed: bool) -> None:
    script = launcher(job, "cat", Limits(), boxed)
    with subprocess.Popen([script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"x")
        process.stdin.flush()
        assert process.stdout.read(1) == b"x"  # it has got as far as the program
        group = os.getpgid(process.pid)
        process.stdin.close()
    assert group == process.pid


@needs_box
def test_nothing_else_of_the_machine_is_there(job: Path) -> None:
    neighbour = job.parent / "neighbour"
    neighbour.write_text("another participant's file")
    assert run(job, "ls", "/", boxed=True).stdout.split() == sorted(
        ["dev", "etc", "job", "tmp", "usr", *_present("bin", "lib", "lib32", "lib64")]
    )
    assert run(job, "cat", str(neighbour), boxed=True).returncode == 1
    assert run(job, "cat", "/etc/passwd", boxed=True).returncode == 1


@needs_box
def test_the_source_cannot_be_changed(job: Path) -> None:
    done = run(job, "sh", "-c", "echo spoilt > source", boxed=True)
    assert done.returncode != 0
    assert (job / "source").read_text() == "the source"


@needs_box
def test_a_link_to_the_source_shows_the_source_only(job: Path) -> None:
    (job / "source").unlink()
    elsewhere = job.parent / "upload;$(touch y)\n.avi"
    elsewhere.write_text("linked")
    (job / "source").symlink_to(elsewhere)
    assert run(job, "cat", "source", boxed=True).stdout == "linked"
    assert run(job, "cat", str(elsewhere), boxed=True).returncode == 1


@needs_box
def test_there_is_no_network(job: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        script = f"exec 3<>/dev/tcp/127.0.0.1/{server.getsockname()[1]}"
        outside = run(job, "bash", "-c", script, boxed=False)
        inside = run(job, "bash", "-c", script, boxed=True)
    assert (outside.returncode, inside.returncode) == (0, 1)


def test_a_missing_program_is_named(job: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        launcher(job, "no-such-program", Limits(), boxed=False)


def test_the_script_is_two_lines_that_quote_every_path(job: Path) -> None:
    script = launcher(job, "true", Limits(), boxed=True)
    first, second = script.read_text().splitlines()
    assert first == "#!/bin/sh"
    assert str(job) in shlex.split(second)


def _present(*names: str) -> list[str]:
    return [name for name in names if Path("/", name).exists()]
