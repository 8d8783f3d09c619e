"""`make bench`: what our safety and checks cost on top of bare ffmpeg. README.md keeps figures."""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "web"))

from tests.bench import clips, whole_job
from tests.bench.converting import compare
from workerjob import sandbox

RATIO_BAR = 1.10
COPY_BAR = 0.5  # seconds


def main(argv: list[str]) -> int:
    """Measure and print; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each (default 5)")
    rounds = parser.parse_args(argv).rounds
    print(f"sandbox: {'on' if sandbox.available() else 'off'}, medians of {rounds} rounds")
    with tempfile.TemporaryDirectory() as name, whole_job.service(Path(name)):
        folder = Path(name)
        wmv = compare(clips.wmv(folder), folder / "wmv", rounds)
        flv = compare(clips.flv(folder), folder / "flv", rounds)
    for title, found in (("30 s 720p WMV2/WMA", wmv), ("10 MB H.264/AAC FLV", flv)):
        stages = ", ".join(f"{stage} {seconds:.3f}" for stage, seconds in found.stages.items())
        print(f"{title}: ours {found.ours}, bare ffmpeg {found.bare}, ratio {found.ratio:.3f}")
        print(f"  stages of one conversion: {stages}")
    met = {
        f"WMV ratio {wmv.ratio:.3f} <= {RATIO_BAR}": wmv.ratio <= RATIO_BAR,
        f"FLV {flv.ours.median:.3f} s <= {COPY_BAR} s": flv.ours.median <= COPY_BAR,
    }
    for bar, reached in met.items():
        print(f"{'met   ' if reached else 'MISSED'} {bar}")
    return 0 if all(met.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
