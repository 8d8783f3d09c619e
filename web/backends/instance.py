"""Which machine this is."""

import socket
from functools import cache


@cache
def instance_id() -> str:
    """Return a name for this machine, shown in the footer and in `X-Instance-Id`."""
    return socket.gethostname()
