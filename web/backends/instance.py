"""Which machine this is."""

import re
import socket
import threading
from functools import cache

from backends.metadata import Metadata, Unreachable
from videoshare.config import current

_SECONDS = 1.0  # for token and answer together; the service waits for it as it starts


@cache
def instance_id() -> str:
    """Return a name for this machine: on EC2 the instance's id, elsewhere the host's name.

    Asked for once, while logging is set up; shown in the footer, in `X-Instance-Id` and in the
    logs.
    """
    return (ec2_instance_id() if current().secret_name else "") or socket.gethostname()


def ec2_instance_id() -> str:
    """Ask EC2's metadata service for the instance's id; "" when no answer comes in 1 s."""
    found: list[str] = []
    # A thread, because a socket's timeout starts anew with every byte that arrives.
    asking = threading.Thread(target=_ask, args=(found,), name="instance-id", daemon=True)
    asking.start()
    asking.join(_SECONDS)
    return "".join(found)


def _ask(found: list[str]) -> None:
    try:
        answer = Metadata().get("instance-id")
    except Unreachable:
        return
    # It becomes part of a header and of a log stream's name.
    if re.fullmatch(r"[A-Za-z0-9-]{1,64}", answer):
        found.append(answer)
