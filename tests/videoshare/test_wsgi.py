"""Requests that no browser sends, at the server that really answers."""

import http.client
from urllib.parse import urlsplit

import pytest

from tests.server import served

pytestmark = pytest.mark.django_db(transaction=True)


def status(address: str, path: str = "/", **headers: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    connection.request("GET", path, headers={n.replace("__", "-"): v for n, v in headers.items()})
    answer = connection.getresponse().status
    connection.close()
    return answer


def test_odd_headers_are_no_fault_of_ours():
    many = "/?" + "&a" * 1500
    with served() as address:
        assert status(address) == 200
        assert status(address, SCRIPT_NAME="/elsewhere") == 200
        assert status(address, "/?page=2", Content__Type="text/plain; charset=hex") == 400
        assert status(address, "/?page=%ff", Content__Type="text/plain; charset=undefined") == 400
        assert status(address, many, Content__Type="text/plain; charset=utf-8") == 400
