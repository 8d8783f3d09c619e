"""The local network: `manage.py serve --lan`. All that is asked stays on this machine."""

import http.client
import subprocess
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.boxes import needs_box
from tests.videoshare.test_serve import MANAGE, serve
from tests.waiting import until
from videoshare import lan

__all__ = ["serve"]

networked = pytest.mark.skipif(not lan.addresses(), reason="this machine is in no network")


def ask(address: str, port: int, path: str = "/", fields: dict[str, str] | None = None, **headers):
    """GET, or POST fields, at one of this machine's addresses; return status and headers."""
    line = http.client.HTTPConnection(address, port, timeout=30)
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
    body = urlencode(fields) if fields else None
    line.request("POST" if fields else "GET", path, body, kind | headers)
    answer = line.getresponse()
    answer.read()
    line.close()
    return answer.status, answer.headers


@networked
@pytest.mark.slow
def test_the_network_is_served_at_one_address_which_links_name(serve, tmp_path):
    served = serve("--lan").ready()
    address, port = lan.addresses()[0], served.port
    site = f"http://{address}:{port}"
    assert served.printed(f"VideoShare runs at {site}/ (Ctrl-C stops it)\n\n{lan.code(site)}\n\n")
    hosts = [f"{address}:{port}", f"localhost:{port}", f"192.0.2.77:{port}", "evil.example"]
    assert [ask(address, port, Host=host)[0] for host in hosts] == [200, 200, 400, 400]
    assert ask("127.0.0.1", port)[0] == 200

    cookie = ask(address, port, "/cuenta/signup/")[1]["Set-Cookie"].split(";")[0]
    account = {"email": "a@example.org", "password1": "x-9 and more", "password2": "x-9 and more"}
    account["csrfmiddlewaretoken"] = cookie.removeprefix("csrftoken=")
    there = ask(address, port, "/cuenta/signup/", account, Cookie=cookie, Origin=site)
    assert there[0] == 302
    mail = until(lambda: list((tmp_path / "data/mail").glob("*.eml")))[0]
    assert f"{site}/cuenta/confirm-email/" in mail.read_text()
    for child in ("gunicorn", "workerjob"):  # which mails, too
        environ = Path(f"/proc/{served.child(child)}/environ").read_text().split("\0")
        fitting = {f"VIDEOSHARE_WEB_URL={site}", "VIDEOSHARE_DEBUG=no"}
        assert fitting | {"VIDEOSHARE_TRUSTED_PROXIES=0"} <= set(environ)


@networked
def test_an_address_of_another_machine_is_no_choice():
    done = subprocess.run([*MANAGE, "serve", "--lan", "192.0.2.77"], capture_output=True, text=True)
    why = f"192.0.2.77 is not an address of this machine. It has {', '.join(lan.addresses())}."
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, f"CommandError: {why}")


@needs_box
def test_without_a_network_a_sentence_says_so():
    alone = ["bwrap", "--dev-bind", "/", "/", "--unshare-net"]
    done = subprocess.run([*alone, *MANAGE, "serve", "--lan"], capture_output=True, text=True)
    why = "This machine is in no network: connect it to a Wi-Fi or a cable, or leave LAN=1 away."
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, f"CommandError: {why}")
