"""Our whole job against bare ffmpeg with the very same arguments, on the same clip."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.bench import whole_job
from tests.bench.timing import Timed, alternate
from workerjob import ffmpeg, outputs, sandbox
from workerjob.convert import convert
from workerjob.plan import Plan


@dataclass(frozen=True)
class Comparison:
    """Seconds of ours and of bare ffmpeg, and their ratio."""

    ours: Timed
    bare: Timed
    stages: dict[str, float]

    @property
    def ratio(self) -> float:
        """How many times longer ours takes."""
        return self.ours.ratio(self.bare)


def compare(source: Path, folder: Path, rounds: int) -> Comparison:
    """Convert `source` again and again, both ways, into `folder`.

    Ours is a worker's whole job, from the claim to the mail that says "ready".
    """
    done = convert(source, folder / "ours")
    bare = bare_command(done.plan, source, folder / "bare")
    ours, theirs = alternate(
        rounds,
        whole_job.prepared(source, rounds + 1),
        lambda: subprocess.run(bare, cwd=folder / "bare", check=True, capture_output=True),
    )
    return Comparison(ours, theirs, done.seconds)


def bare_command(plan: Plan, source: Path, folder: Path) -> list[str]:
    """ffmpeg's own command line for this plan, to be run in `folder`, with nothing around it."""
    (folder / sandbox.OUT).mkdir(parents=True)
    shutil.copy(source, folder / sandbox.SOURCE)
    made = [(f"{sandbox.OUT}/{name}", options) for name, options in outputs.arguments(plan)]
    reading = [(sandbox.SOURCE, outputs.input_options(plan))]
    return list(ffmpeg.command("ffmpeg", reading, made).arguments)
