"""One conversion under way: its folder, its launchers, its clock."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from workerjob import outputs, sandbox
from workerjob.ffmpeg import Cancelled, Run
from workerjob.plan import Profile


@dataclass(frozen=True)
class Tools:
    """What a conversion works with. `sandboxed=None` means: whenever this machine can."""

    ffmpeg: str = "ffmpeg"
    ffprobe: str = "ffprobe"
    ffmpeg_args: tuple[str, ...] = ()
    sandboxed: bool | None = None
    limits: sandbox.Limits = field(default_factory=sandbox.Limits)
    profile: Profile = field(default_factory=Profile)


DEFAULTS = Tools()


@dataclass
class Job:
    """One conversion under way: its folder with `source`, `out` and the two launchers."""

    folder: Path
    tools: Tools
    ffmpeg: Path
    ffprobe: Path
    progress: Callable[[str, float], None]
    cancel: threading.Event | None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Tell that a stage begins and keep its seconds; raises Cancelled instead of beginning."""
        if self.cancel and self.cancel.is_set():
            raise Cancelled
        self.progress(name, 0.0)
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0) + time.monotonic() - started

    def run(self, launcher: Path) -> Run:
        """How a launcher may run in this job."""
        return Run(launcher, self.tools.limits.wall_seconds, self.cancel)

    @property
    def result(self) -> Path:
        """Where ffmpeg writes the MP4."""
        return self.folder / sandbox.OUT / outputs.VIDEO

    @property
    def poster(self) -> Path:
        """Where ffmpeg writes the poster."""
        return self.folder / sandbox.OUT / outputs.POSTER


def prepare(
    folder: Path,
    source: Path,
    tools: Tools,
    progress: Callable[[str, float], None],
    cancel: threading.Event | None,
) -> Job:
    """Fill an empty folder with what a job needs. Raises FileNotFoundError: no such program."""
    # A link, so that neither ffmpeg nor the launcher ever meets the name a stranger chose.
    (folder / sandbox.SOURCE).symlink_to(source.resolve())
    (folder / sandbox.OUT).mkdir()
    boxed = sandbox.available() if tools.sandboxed is None else tools.sandboxed
    run, look = (
        sandbox.launcher(folder, program, tools.limits, boxed)
        for program in (tools.ffmpeg, tools.ffprobe)
    )
    return Job(folder, tools, run, look, progress, cancel)
