"""Ordinary programs run in the box that is made for ffmpeg."""

import os
import subprocess
from pathlib import Path

import pytest

from workerjob import sandbox
from workerjob.sandbox import Limits, launcher

needs_box = pytest.mark.skipif(not sandbox.available(), reason="no sandbox can be built here")


def job_folder(parent: Path) -> Path:
    """A job's folder under a name that would hurt if anything parsed it."""
    folder = parent / "a job; $(touch hurt) 'x' \""
    (folder / sandbox.OUT).mkdir(parents=True)
    (folder / sandbox.SOURCE).write_text("the source")
    return folder


def run(
    job: Path, program: str, *words: str, boxed: bool, limits: Limits | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program in the box of a job, or with the limits only."""
    script = launcher(job, program, limits or Limits(), boxed)
    environment = {**os.environ, "AWS_SECRET_ACCESS_KEY": "secret"}
    return subprocess.run([script, *words], capture_output=True, text=True, env=environment)


def line_of(script: Path) -> str:
    """The command line that a launcher reads."""
    return Path(f"{script}.box").read_text()
