"""How the pages are served: `gunicorn --config web/gunicorn.conf.py`, or `manage.py serve`."""

import os
import sys
import threading
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from gunicorn.http.unreader import SocketUnreader

# Not under the names of its modules: gunicorn takes each name here for a setting of its own.
from videoshare import logs
from videoshare.config import ConfigError, current
from videoshare.needs import require

try:
    found = current()
    require(found, "web")
except ConfigError as error:
    sys.exit(f"gunicorn: {error}")

wsgi_app = "videoshare.wsgi:application"
chdir = str(Path(__file__).resolve().parent)
bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"

# Threads are cheap and mostly wait: for a slow network, a disk, the database. On one machine videos
# pass through them; on AWS pages only, and each thread holds a connection to the database
# (README.md has the sum).
worker_class = "gthread"
workers = 2
threads = 16 if found.secret_name else 64
# Seconds. Longer than the load balancer keeps a silent connection (60): who closes first must be
# the one who sends, or requests get lost.
keepalive = 75 if found.secret_name else 5

# Seconds without a sign of life from a worker's main thread (not the length of a request: those
# run in other threads), and seconds that running requests get when a worker stops: on AWS as long
# as a page may take when something that it needs does not answer.
timeout = 30
graceful_timeout = 30 if found.secret_name else 5

# Bytes of a body that are read at once. By default 1 MB, of which each upload on its way holds some
# copies; measured by tests/bench/uploads.py.
SocketUnreader.max_body_chunk = 64 * 1024

# Longer than any address or header of ours: the longest is a signed upload address.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190
# By default a header named SCRIPT_NAME moves the site below a path of the sender's choice.
forwarder_headers = ""
# What a proxy says of the sender, Django believes or not (`trusted_proxies`): one place decides.
# Gunicorn would also believe headers that load balancers let pass, such as X-Forwarded-Ssl.
forwarded_allow_ips = ""

accesslog = None  # the proxy in front writes one; here it would bury what matters
loglevel = "warning"
if current().secret_name:  # the master's lines are JSON too
    logconfig_dict = logs.configuration(on_aws=True)
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Sweep from the web tier too: a fleet of no workers must still ring, mail and clean."""
    from backends import cloudwatch, in_use
    from contests import sweeping

    in_use.share()
    cloudwatch.start("web")
    sweeping.start(threading.Event(), every=15)
