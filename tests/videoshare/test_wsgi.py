"""Requests that no browser sends, at the server that really answers."""

import http.client
from urllib.parse import urlsplit

import pytest

from tests.server import served

pytestmark = pytest.mark.django_db(transaction=True)


def status(address: str, path: str = "/", body: str | None = None, **headers: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    named = {name.replace("__", "-"): value for name, value in headers.items()}
    connection.request("POST" if body else "GET", path, body, named)
    answer = connection.getresponse().status
    connection.close()
    return answer


def test_odd_headers_are_no_fault_of_ours():
    form = '--x\r\nContent-Disposition: form-data; name="login"\r\n\r\na\r\n--x--\r\n'
    multipart = "multipart/form-data; boundary=x; charset=hex"
    with served() as address:
        assert status(address, SCRIPT_NAME="/elsewhere") == 200
        assert status(address, "/?page=%ff", Content__Type="text/plain; charset=undefined") == 200
        assert status(address, "/?page=2", Content__Type="text/plain; charset=hex") == 200
        assert status(address, "/?" + "&a" * 1500, Content__Type="a/b; charset=utf-8") == 400
        # Refused for want of a token, after the form has been read.
        assert status(address, "/cuenta/login/", form, Content__Type=multipart) == 403


def test_without_a_proxy_nobody_says_from_where_or_how_securely_they_ask():
    form = {"Content__Type": "application/x-www-form-urlencoded"}
    token = {"Cookie": f"csrftoken={'a' * 32}", "X__CSRFToken": "a" * 32}
    forged = {"X__Forwarded__Proto": "https", "X__Forwarded__Ssl": "on"}

    def sign_up(address: str, number: int) -> int:
        told = forged | {"X__Forwarded__For": f"192.0.2.{number}"}
        # Over HTTPS this would be a 403, for want of a Referer.
        return status(address, "/cuenta/signup/", "email=", **form, **token, **told)

    with served() as address:
        answers = [sign_up(address, number) for number in range(21)]
    assert answers == [200] * 20 + [429]
