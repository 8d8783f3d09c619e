"""Of the kernel there is in the box only what ffmpeg needs."""

import errno
from pathlib import Path

import pytest

from tests.boxes import job_folder, line_of, needs_box, run
from workerjob import sandbox, seccomp
from workerjob.sandbox import Limits, launcher

needs_filter = pytest.mark.skipif(not sandbox.filtered(), reason="no libseccomp here")
_FORBIDDEN = (
    "socket socketpair connect bind sendto recvfrom sendmsg fork vfork clone3 kill "
    "unshare setns mount umount2 pivot_root chroot fsopen open_tree move_mount "
    "ptrace process_vm_readv process_vm_writev pidfd_open pidfd_getfd kcmp "
    "bpf perf_event_open keyctl add_key request_key userfaultfd seccomp "
    "io_uring_setup io_uring_enter io_setup memfd_create shmget shmat msgget semget "
    "kexec_load init_module finit_module reboot swapon sethostname settimeofday "
    "open_by_handle_at name_to_handle_at mknodat symlinkat linkat fchmodat fchownat "
    "setuid setgid setgroups capset personality setpriority sched_setaffinity execveat"
)
FORBIDDEN = _FORBIDDEN.split()
# Answers the numbers of the errors that system calls end with; "number,argument" is a call.
CALLING = (
    "for (@ARGV) { my @call = split /,/; $! = 0;"
    ' syscall($call[0] + 0, $call[1] + 0, 0, 0); print $! + 0, "\\n" }'
)


@pytest.fixture
def job(tmp_path: Path) -> Path:
    return job_folder(tmp_path)


def errors_of(job: Path, calls: list[str], boxed: bool) -> list[int]:
    done = run(job, "perl", "-e", CALLING, *calls, boxed=boxed)
    return [int(number) for number in done.stdout.split()]


@needs_filter
def test_the_kernel_answers_only_what_ffmpeg_asks(job: Path) -> None:
    import pyseccomp

    known = {name: pyseccomp.resolve_syscall(0, name) for name in FORBIDDEN}
    here = {name: number for name, number in known.items() if number >= 0}  # arm64 has no fork
    answers = errors_of(job, [f"{number}" for number in here.values()], boxed=True)
    assert dict(zip(here, answers, strict=True)) == dict.fromkeys(here, errno.ENOSYS)
    assert set(FORBIDDEN) & set(seccomp.ALLOWED.split()) == set()
    outside = errors_of(job, [f"{known['socket']}"], boxed=False)
    assert outside != [errno.ENOSYS]


@needs_filter
@pytest.mark.parametrize("flags", [17, 0x7E020000, 0x00010000 | 0x10000000])
def test_no_process_and_no_namespace_can_be_made(job: Path, flags: int) -> None:
    import pyseccomp

    clone = pyseccomp.resolve_syscall(0, "clone")
    assert errors_of(job, [f"{clone},{flags}"], boxed=True) == [errno.ENOSYS]
    threads = f"{clone},{0x00010000}"  # CLONE_THREAD alone: the kernel finds it incomplete
    assert errors_of(job, [threads], boxed=True) == [errno.EINVAL]


def test_without_libseccomp_there_is_a_box_without_the_filter(
    job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sandbox.available()
    monkeypatch.setattr(seccomp, "program", bytes)
    assert (sandbox.available(), sandbox.filtered()) == (before, False)
    script = launcher(job, "true", Limits(), boxed=True)
    assert "--seccomp" not in line_of(script)


@needs_box
def test_a_filter_that_the_kernel_refuses_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp, "program", lambda: b"not BPF.")
    assert (sandbox.available(), sandbox.filtered()) == (True, False)
