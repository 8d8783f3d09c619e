"""The worker's command line.

`python -m workerjob` takes conversions from the queue until it is told to stop;
`python -m workerjob convert SOURCE OUTDIR` converts one file with no database or queue.
"""

import argparse
import logging
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))

from videoshare import checks, config, needs
from workerjob import command_line, sandbox
from workerjob.job import Tools
from workerjob.outputs import validate_ffmpeg_args

logger = logging.getLogger("workerjob")


def main(argv: list[str]) -> int:
    """Run one of the two commands and return the exit status."""
    try:
        settings = config.current()
        if argv[:1] != ["convert"]:
            needs.require(settings, "worker")
        tools = Tools(
            ffmpeg=settings.ffmpeg,
            ffprobe=str(Path(settings.ffmpeg).with_name("ffprobe")),
            ffmpeg_args=validate_ffmpeg_args(settings.ffmpeg_args),
        )
    except (config.ConfigError, ValueError) as error:
        print(f"workerjob: {error}", file=sys.stderr)
        return 1
    if argv[:1] == ["convert"]:
        return command_line.main(argv[1:], tools)
    return _work(argv, tools)


def _work(argv: list[str], tools: Tools) -> int:
    parser = argparse.ArgumentParser(prog="python -m workerjob", description=__doc__)
    parser.add_argument("--burst", action="store_true", help="stop when the queue is empty")
    parser.add_argument("--concurrency", type=int, default=1, help="conversions at the same time")
    parser.add_argument(
        "--grace", type=float, default=60, help="seconds that SIGTERM leaves to finish"
    )
    options = parser.parse_args(argv)
    if config.current().secret_name and not sandbox.available():
        # Strangers' files beside the fleet's credentials: better no worker than that one.
        print("workerjob: ffmpeg can't be boxed in here; see manage.py check", file=sys.stderr)
        return 1
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "videoshare.settings")
    import django

    django.setup()
    from backends import cloudwatch, in_use
    from workerjob.worker import Worker

    in_use.share()
    cloudwatch.start("worker")
    for warning in checks.sandbox_works():
        logger.warning("%s %s", warning.msg, warning.hint)
    worker = Worker(tools, concurrency=max(1, options.concurrency), grace=options.grace)
    worker.run_in_process(burst=options.burst)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
