"""Copying what complies already against encoding it again, and how long a copy takes."""

import functools
from pathlib import Path
from unittest.mock import patch

from tests.bench import camera, clips, whole_job
from tests.bench.timing import alternate
from workerjob.convert import Converted, convert
from workerjob.plan import plan

TIMES_BAR = 50
SECONDS_BAR = 0.5
_LENGTH = 180  # seconds, about what contests allow


def measure(folder: Path, rounds: int) -> dict[str, bool]:
    """Print both ways; returns the bars."""
    source = clips.long_mp4(camera.film(folder), _LENGTH)
    out = folder / "copied"
    done = convert(source, out)
    if {each.action for each in done.plan.decisions} != {"copy"}:
        raise AssertionError(done.plan)
    copied, encoded = alternate(rounds, lambda: convert(source, out), lambda: _encode(source, out))
    stages = ", ".join(f"{stage} {seconds:.3f}" for stage, seconds in done.seconds.items())
    print(f"{_LENGTH} s of 720p H.264/AAC in MP4, {source.stat().st_size:,} bytes:")
    print(f"  copied {copied}, encoded again {encoded}; once: {stages}")
    flv = alternate(rounds, whole_job.prepared(clips.flv(folder), rounds + 1))[0]
    print(f"10 MB of H.264/AAC in FLV: whole job {flv}")
    times = encoded.ratio(copied)
    return {
        f"encoding again takes {times:.1f} times copying >= {TIMES_BAR}": times >= TIMES_BAR,
        f"whole job of a copy {flv.median:.3f} s <= {SECONDS_BAR} s": flv.median <= SECONDS_BAR,
    }


def _encode(source: Path, out: Path) -> Converted:
    with patch("workerjob.judge.plan", functools.partial(plan, copying=False)):
        return convert(source, out)
