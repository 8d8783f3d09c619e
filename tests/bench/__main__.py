"""`make bench`: what conversion costs, measured against its bars. README.md keeps the figures."""

import argparse
import importlib
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "web"))

from tests.bench import whole_job
from workerjob import sandbox

# Each a module with measure(folder, rounds), which prints and returns its bars.
PARTS = ("whole", "copying", "seed", "memory", "concurrency")
ETA = "eta"  # a command of its own, for it wants a service of its own


def main(argv: list[str]) -> int:
    """Measure and print; 1 when a bar is missed."""
    known = ", ".join((*PARTS, ETA))
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{known} (all)")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each (default 5)")
    options = parser.parse_args(argv)
    if unknown := set(options.parts) - {*PARTS, ETA}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    print(f"sandbox: {'on' if sandbox.available() else 'off'}, medians of {options.rounds} rounds")
    chosen = options.parts or (*PARTS, ETA)
    bars: dict[str, bool] = {}
    with tempfile.TemporaryDirectory() as name, whole_job.service(Path(name)):
        for part in (part for part in PARTS if part in chosen):
            print(f"\n{part}", flush=True)
            module = importlib.import_module(f"tests.bench.{part}")
            bars |= module.measure(Path(name), options.rounds)
    if ETA in chosen:
        print(f"\n{ETA}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"tests.bench.{ETA}"])
        bars["the time shown at 25 % (above)"] = done.returncode == 0
    print()
    for bar, reached in bars.items():
        print(f"{'met   ' if reached else 'MISSED'} {bar}")
    return 0 if all(bars.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
