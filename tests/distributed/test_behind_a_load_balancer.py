"""What a load balancer gets from the web server, and what a visitor can't make it say."""

import re

import pytest

from backends.instance import instance_id
from tests.distributed.conftest import HOST

pytestmark = [pytest.mark.aws, pytest.mark.slow]

VARIES = {"Date", "Content-Length"}


def test_all_headers_of_a_page(distributed, visitor):
    found = {name: value for name, value in visitor.ask("/").headers if name not in VARIES}
    policy = sorted(found.pop("Content-Security-Policy").split("; "))
    assert found == {
        "Server": "gunicorn",
        "Connection": "keep-alive",
        "Content-Type": "text/html; charset=utf-8",
        "Content-Language": "en",
        "Vary": "Accept-Language, Cookie",
        "X-Instance-Id": instance_id(),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    }
    bucket = distributed.environ["AWS_ENDPOINT_URL"]
    files = f"'self' {distributed.account.cdn} {bucket}"
    assert policy == [
        "base-uri 'none'",
        f"connect-src 'self' {bucket}",
        "default-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        f"img-src {files}",
        f"media-src {files}",
        "object-src 'none'",
        "style-src 'self'",
    ]


def test_the_cookie_of_a_form_travels_over_https_only(visitor):
    set_cookie = visitor.ask("/cuenta/login/")["Set-Cookie"]
    cookie = re.sub(r"=\w{32}; expires=[^;]*", "=…", set_cookie)
    assert cookie == "csrftoken=…; Max-Age=31449600; Path=/; SameSite=Lax; Secure"


def test_a_load_balancer_asks_for_health_by_address_and_in_plain_http(visitor):
    plain = {"Host": "10.0.0.7:8080", "X_Forwarded_Proto": "http"}
    assert visitor.ask("/healthz", **plain).status == 200
    assert visitor.ask("/readyz", **plain).status == 200


def test_plain_http_is_sent_on_to_https_whatever_else_the_visitor_says(visitor):
    others = {"X_Forwarded_Ssl": "on", "X_Forwarded_Protocol": "ssl", "Forwarded": "proto=https"}
    answer = visitor.ask("/?page=2", X_Forwarded_Proto="http", **others)
    assert (answer.status, answer["Location"]) == (301, f"https://{HOST}/?page=2")
    assert visitor.ask("/", Host="evil.example", X_Forwarded_Host=HOST).status == 400


def test_who_asks_too_often_is_known_by_the_address_that_the_load_balancer_saw(visitor):
    """And not by those that the visitor wrote before it."""
    visitor.ask("/cuenta/signup/")

    def sign_up(address: str) -> int:
        return visitor.ask("/cuenta/signup/", {}, X_Forwarded_For=address).status

    answers = [sign_up(f"192.0.2.{number}, 198.51.100.9") for number in range(21)]
    assert answers == [200] * 20 + [429]
    assert sign_up("198.51.100.9, 198.51.100.10") == 200
