"""Which machine this is."""

import http.client
import os
import re
import socket
import threading
from functools import cache
from urllib.parse import urlsplit

from videoshare.config import current

_SECONDS = 1.0  # for both questions together; the service waits for the answer as it starts
_TOKEN = "X-aws-ec2-metadata-token"  # noqa: S105  (a header's name)


@cache
def instance_id() -> str:
    """Return a name for this machine: on EC2 the instance's id, elsewhere the host's name.

    Asked for once, while logging is set up; shown in the footer, in `X-Instance-Id` and in the
    logs.
    """
    return (ec2_instance_id() if current().secret_name else "") or socket.gethostname()


def ec2_instance_id() -> str:
    """Ask EC2's metadata service (IMDSv2) for the instance's id; "" when no answer comes in 1 s."""
    if os.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return ""
    found: list[str] = []
    # A thread, because a socket's timeout starts anew with every byte that arrives.
    asking = threading.Thread(target=_ask, args=(found,), name="instance-id", daemon=True)
    asking.start()
    asking.join(_SECONDS)
    return "".join(found)


def _ask(found: list[str]) -> None:
    endpoint = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or "http://169.254.169.254"
    parts = urlsplit(endpoint)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_SECONDS)
    try:
        connection.request("PUT", "/latest/api/token", headers={f"{_TOKEN}-ttl-seconds": "60"})
        token = _text(connection.getresponse())
        connection.request("GET", "/latest/meta-data/instance-id", headers={_TOKEN: token})
        answer = _text(connection.getresponse())
    except (OSError, ValueError, http.client.HTTPException):
        return
    finally:
        connection.close()
    # It becomes part of a header and of a log stream's name.
    if re.fullmatch(r"[A-Za-z0-9-]{1,64}", answer):
        found.append(answer)


def _text(response: http.client.HTTPResponse) -> str:
    text = response.read(1000).decode("ascii")
    if response.status != http.HTTPStatus.OK:
        raise ValueError(response.status)
    return text
