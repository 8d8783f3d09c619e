"""One conversion under way: its folder, its launchers, its clock."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from workerjob import outputs, posters, sandbox
from workerjob.ffmpeg import Cancelled, Run
from workerjob.limits import FRUGAL, Limits, limits_for, probing
from workerjob.plan import Plan, Profile


@dataclass(frozen=True)
class Tools:
    """What a conversion works with. `sandboxed=None` means: whenever this machine can."""

    ffmpeg: str = "ffmpeg"
    ffprobe: str = "ffprobe"
    ffmpeg_args: tuple[str, ...] = ()
    sandboxed: bool | None = None
    limits: Limits = field(default_factory=Limits)
    profile: Profile = field(default_factory=Profile)

    def up_to(self, seconds: float) -> "Tools":
        """The same for videos that are no longer than this."""
        longest = min(self.limits.media_seconds, seconds)
        return replace(self, limits=replace(self.limits, media_seconds=longest))


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
    planned: Callable[[float], None]
    limits: Limits
    seconds: dict[str, float] = field(default_factory=dict)
    input: str = sandbox.SOURCE  # what is read, relative to the folder
    started: float = field(default_factory=time.monotonic)

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
        """How a launcher may run in this job: for what is left of the whole conversion's time."""
        left = self.started + self.limits.wall_seconds - time.monotonic()
        return Run(launcher, max(0.0, left), self.cancel)

    def measured(self, chosen: Plan) -> None:
        """Limit ffmpeg to what such a video needs, now that its pictures are counted."""
        size = (self.folder / sandbox.SOURCE).stat().st_size
        video = chosen.video.stream
        pixels = video.width * video.height
        if video.codec == "hevc":
            pixels *= 2  # its decoder keeps as much again about each picture
        pixels = max(pixels, chosen.width * chosen.height)  # more, where they become square
        self.limits = limits_for(self.tools.limits, size, pixels, video.packets.count)
        _launch(self.folder, self.tools, self.limits)

    @property
    def ffmpeg_args(self) -> tuple[str, ...]:
        """What an encoder is told beside the plan: to be frugal with a small file, and `tools`'."""
        return (*FRUGAL, *self.tools.ffmpeg_args) if self.limits.frugal else self.tools.ffmpeg_args

    @property
    def result(self) -> Path:
        """Where ffmpeg writes the MP4."""
        return self.folder / sandbox.OUT / outputs.VIDEO

    def posters(self) -> list[Path]:
        """The candidates for posters that came out, in order of time."""
        out = self.folder / sandbox.OUT
        paths = (out / (posters.CANDIDATES % n) for n in range(1, posters.CANDIDATE_COUNT + 1))
        return [path for path in paths if has_bytes(path)]

    def shared(self, poster: Path) -> Path:
        """The same picture as this candidate, in the size for social networks."""
        return poster.with_name(posters.SHARED % int(poster.stem[-2:]))


def has_bytes(path: Path) -> bool:
    """Whether a file came out; a link made in the box would lead out of it here, to any file."""
    return path.is_file() and not path.is_symlink() and path.stat().st_size > 0


def prepare(
    folder: Path,
    source: Path,
    tools: Tools,
    progress: Callable[[str, float], None],
    cancel: threading.Event | None,
    planned: Callable[[float], None],
) -> Job:
    """Fill an empty folder with what a job needs. Raises FileNotFoundError: no such program."""
    # A link, so that neither ffmpeg nor the launcher ever meets the name a stranger chose.
    (folder / sandbox.SOURCE).symlink_to(source.resolve())
    (folder / sandbox.OUT).mkdir()
    limits = limits_for(tools.limits, source.stat().st_size)
    return Job(folder, tools, *_launch(folder, tools, limits), progress, cancel, planned, limits)


def _launch(folder: Path, tools: Tools, limits: Limits) -> tuple[Path, Path]:
    """Write the launchers of ffmpeg and ffprobe."""
    boxed = sandbox.available() if tools.sandboxed is None else tools.sandboxed
    run = sandbox.launcher(folder, tools.ffmpeg, limits, boxed)
    return run, sandbox.launcher(folder, tools.ffprobe, probing(limits), boxed)
