"""The box is tried by running ordinary programs in it."""

import os
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.boxes import job_folder, line_of, needs_box, run
from workerjob import sandbox
from workerjob.sandbox import Limits, launcher

everybody_reads_us = all(
    folder.stat().st_mode & stat.S_IXOTH for folder in Path(sandbox.__file__).resolve().parents
)


either = pytest.mark.parametrize("boxed", [False, pytest.param(True, marks=needs_box)])


@pytest.fixture
def job(tmp_path: Path) -> Path:
    return job_folder(tmp_path)


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
    script = "exec head -c 50000 /dev/zero > out/large"
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
def test_private_memory_beyond_the_limit_is_not_given(job: Path, boxed: bool) -> None:
    words = ("if=/dev/zero", "of=/dev/null", "bs=512M", "count=1")
    done = run(job, "dd", *words, boxed=boxed, limits=Limits(memory=256 << 20))
    assert done.returncode == 1


@either
def test_it_runs_on_one_processor_when_frugal(job: Path, boxed: bool) -> None:
    assert run(job, "nproc", boxed=boxed, limits=Limits(frugal=True)).stdout == "1\n"
    assert run(job, "nproc", boxed=boxed).stdout == f"{len(os.sched_getaffinity(0))}\n"


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


def test_jobs_that_begin_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    def launch(number: int) -> int:
        folder = tmp_path / f"{number}"
        folder.mkdir()
        script = launcher(folder, "true", Limits(), boxed=False)
        return subprocess.run([script], check=False).returncode

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(launch, range(300))) == {0}


@either
def test_it_dies_with_the_thread_that_started_it_whatever_it_is_doing(
    job: Path, boxed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What bubblewrap is until it has bound itself to its parent: a program like any other.
    monkeypatch.setattr(sandbox, "_bubblewrap", lambda *_: [])
    script = launcher(job, "cat", Limits(), boxed)
    started = []

    def start() -> None:
        process = subprocess.Popen([script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"x")
        process.stdin.flush()
        assert process.stdout.read(1) == b"x"

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    with started[0] as process:
        assert process.wait(10) == -signal.SIGKILL


@either
def test_it_does_not_begin_when_its_worker_is_gone_already(job: Path, boxed: bool) -> None:
    script = launcher(job, "cp", Limits(), boxed)
    subprocess.run([script, "source", "out/first"], check=True)
    # The shell in between is a parent, but not the one that asked.
    done = subprocess.run(["sh", "-c", '"$0" source out/second; exit $?', script])
    assert (done.returncode, [path.name for path in (job / "out").iterdir()]) == (1, ["first"])


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
@pytest.mark.parametrize("place", ["/here", "/dev/shm/here", "/job/here", "/usr/here"])
def test_only_the_output_folder_and_a_small_tmp_take_files(job: Path, place: str) -> None:
    assert run(job, "dd", "if=source", f"of={place}", boxed=True).returncode == 1
    assert run(job, "dd", "if=source", "of=/tmp/here", boxed=True).returncode == 0
    filling = ("if=/dev/zero", "of=/tmp/large", "bs=1M", "count=2")
    assert "No space left" in run(job, "dd", *filling, boxed=True).stderr


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


@pytest.fixture
def open_job() -> Iterator[Path]:
    """A job's folder outside pytest's, which only its owner may enter."""
    folder = Path("/var/tmp", f"videoshare-sandbox-{os.getpid()}")
    (folder / sandbox.OUT).mkdir(parents=True)
    (folder / sandbox.SOURCE).write_text("the source")
    yield folder
    shutil.rmtree(folder)


@needs_box
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.skipif(not everybody_reads_us, reason="this folder is closed to others")
def test_the_user_of_a_service_can_build_the_box(open_job: Path) -> None:
    script = launcher(open_job, "cp", Limits(), boxed=True)
    for path in (open_job, *open_job.rglob("*")):
        os.chown(path, 65534, 65534, follow_symlinks=False)
    nobody = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--no-new-privs")
    words = [*nobody, str(script), "source", "out/copy"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert (open_job / "out/copy").read_text() == "the source"


def test_a_missing_program_is_named(job: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        launcher(job, "no-such-program", Limits(), boxed=False)


def test_the_command_is_one_line_that_quotes_every_path(job: Path) -> None:
    (line,) = line_of(launcher(job, "true", Limits(), boxed=True)).splitlines()
    assert str(job) in shlex.split(line)


def _present(*names: str) -> list[str]:
    return [name for name in names if Path("/", name).exists()]
