"""Our whole job against bare ffmpeg with the very same arguments, on the same clip."""

import shutil
import subprocess
from pathlib import Path

from tests.bench import clips, whole_job
from tests.bench.timing import alternate
from workerjob import ffmpeg, outputs, sandbox
from workerjob.convert import convert
from workerjob.plan import Plan

RATIO_BAR = 1.05


def measure(folder: Path, rounds: int) -> dict[str, bool]:
    """Print both; returns the bar. Ours is from the claim to the mail that says "ready"."""
    source = clips.wmv(folder)
    done = convert(source, folder / "ours")
    bare = bare_command(done.plan, source, folder / "bare")
    ours, theirs = alternate(
        rounds,
        whole_job.prepared(source, rounds + 1),
        lambda: subprocess.run(bare, cwd=folder / "bare", check=True, capture_output=True),
    )
    stages = ", ".join(f"{stage} {seconds:.3f}" for stage, seconds in done.seconds.items())
    print(f"60 s of 720p WMV2/WMA: whole job {ours}, bare ffmpeg {theirs}; once: {stages}")
    ratio = ours.ratio(theirs)
    return {f"whole job / bare ffmpeg {ratio:.3f} <= {RATIO_BAR}": ratio <= RATIO_BAR}


def bare_command(plan: Plan, source: Path, folder: Path) -> list[str]:
    """ffmpeg's own command line for this plan, to be run in `folder`, with nothing around it."""
    (folder / sandbox.OUT).mkdir(parents=True)
    shutil.copy(source, folder / sandbox.SOURCE)
    made = [(f"{sandbox.OUT}/{name}", options) for name, options in outputs.arguments(plan)]
    reading = [(sandbox.SOURCE, outputs.reading(plan))]
    return list(ffmpeg.command("ffmpeg", reading, made).arguments)
