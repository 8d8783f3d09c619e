"""EC2's instance metadata service, version 2 (IMDSv2): a token first, then the questions.

docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
"""

import http.client
import os
import time
from http import HTTPStatus
from urllib.parse import urlsplit

_SECONDS = 1.0  # for each answer: the service is on the machine itself, or nowhere
_TOKEN = "X-aws-ec2-metadata-token"  # noqa: S105  (a header's name)
_TOKEN_SECONDS = 6 * 3600  # the longest there is


class Unreachable(OSError):
    """No metadata service answers here as it should, or asking is turned off."""


class Metadata:
    """Asks the service, and keeps the token it was given. For one thread at a time."""

    def __init__(self) -> None:
        self._token = ""
        self._token_until = 0.0  # on time.monotonic()

    def get(self, item: str) -> str:
        """Return an item such as "instance-id", "" where there is none. Raises Unreachable.

        botocore's own environment variables say where the service is, and turn asking off.
        """
        if os.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
            raise Unreachable("turned off")
        endpoint = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or "http://169.254.169.254"
        parts = urlsplit(endpoint)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_SECONDS)
        try:
            if time.monotonic() > self._token_until:
                ends = time.monotonic() + _TOKEN_SECONDS * 0.9
                wanted = {f"{_TOKEN}-ttl-seconds": str(_TOKEN_SECONDS)}
                self._token = _ask(connection, "PUT", "/latest/api/token", wanted)
                self._token_until = ends
            return _ask(connection, "GET", f"/latest/meta-data/{item}", {_TOKEN: self._token})
        except (OSError, ValueError, http.client.HTTPException) as error:
            self._token_until = 0  # it may be the token: a resumed machine's is no longer good
            raise Unreachable(str(error) or type(error).__name__) from error
        finally:
            connection.close()


def _ask(
    connection: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str]
) -> str:
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    text = response.read(1000).decode("ascii")
    if response.status == HTTPStatus.NOT_FOUND and method == "GET":
        return ""
    if response.status != HTTPStatus.OK:
        raise ValueError(f"status {response.status}")
    return text
