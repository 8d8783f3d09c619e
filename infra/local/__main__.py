"""`make run-aws-local`: the distributed service on an emulated AWS, all on this machine."""

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "web"))

from infra.local.service import Service, running


def main(argv: list[str]) -> int:
    """Run until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    parser.add_argument("--instances", type=int, default=1, help="web servers, and workers")
    options = parser.parse_args(argv)
    stop: list[int] = []  # no Event, see serve.py
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: stop.append(number))
    ports = range(options.port, options.port + options.instances)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), ports) as service:
        _tell(service, ports)
        while not stop and all(each.poll() is None for each in service.processes):
            time.sleep(0.2)
    return 0


def _tell(service: Service, ports: range) -> None:
    names = ("VIDEOSHARE_CONFIG", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    lines = [
        "The distributed service on an emulated AWS (Ctrl-C stops all, and all is gone):",
        *(f"  the site       http://localhost:{port}/" for port in ports),
        f"  sent mail      {service.endpoint}/_ministack/ses/messages",
        f"  Splunk         {service.events}",
        "To look at the rest, in another terminal:",
        *(f"  export {name}={service.environ[name]}" for name in names),
        "  .venv/bin/python web/manage.py config         # what is in force, and from where",
        "  .venv/bin/python web/manage.py conversions    # what is to be converted",
        "  .venv/bin/python web/manage.py demo           # a contest with clips",
    ]
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
