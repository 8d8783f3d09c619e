"""The system calls that ffmpeg may make in its box; all others "do not exist" (ENOSYS) there.

A decoder taken over by a hostile file can then ask the kernel for what decoders need and nothing
else: no sockets, no new processes, no namespaces, mounts, tracing, BPF, keys or io_uring. ENOSYS
rather than EPERM, because the C library then falls back to the older call that is listed: clone3,
whose flags no filter can see, to clone.

Found by `strace -f` over ffmpeg 5.1 (Debian 12) and 7.1 (Debian 13) on clips of every format we
test with, plus what the same calls are named on arm64. To add one, add its name below.
"""

import errno
import functools
import tempfile

ALLOWED = (
    # files and folders; which of them there are is bubblewrap's affair
    "open openat close read readv pread64 preadv write writev pwrite64 pwritev lseek "
    "stat lstat fstat newfstatat statx fstatfs statfs access faccessat faccessat2 "
    "readlink readlinkat getdents64 getcwd fcntl ftruncate fadvise64 unlink unlinkat "
    # pipes and waiting
    "poll ppoll dup dup2 dup3 pipe pipe2 "
    # memory
    "brk mmap munmap mprotect mremap madvise "
    # a library that ffmpeg loads warns when it cannot keep its secrets from being swapped
    "mlock "
    # threads and their signals
    "futex set_robust_list get_robust_list set_tid_address rseq gettid tgkill exit exit_group "
    "sched_yield sched_getaffinity rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack "
    "restart_syscall prctl arch_prctl "
    # clocks and numbers about itself and the machine
    "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time getrandom getrusage "
    "getpid getppid getuid geteuid getgid getegid uname sysinfo prlimit64 getrlimit "
    # once, to become ffmpeg; and bubblewrap, which waits for it
    "execve wait4"
)
_THREAD = 0x00010000  # CLONE_THREAD: in the caller's process
_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_TCGETS = 0x5401  # "is this a terminal?"


@functools.cache
def program() -> bytes:
    """The filter as `bwrap --seccomp` takes it: a BPF program for this machine's architecture.

    Empty where libseccomp is missing.
    """
    try:
        import pyseccomp as libseccomp
    except (ImportError, RuntimeError):  # the package or the library
        return b""
    allow = libseccomp.ALLOW
    rules = libseccomp.SyscallFilter(libseccomp.ERRNO(errno.ENOSYS))
    for name in ALLOWED.split():
        rules.add_rule(allow, name)
    same = libseccomp.MASKED_EQ
    rules.add_rule(allow, "clone", libseccomp.Arg(0, same, _THREAD | _NAMESPACES, _THREAD))
    rules.add_rule(allow, "ioctl", libseccomp.Arg(1, libseccomp.EQ, _TCGETS))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
