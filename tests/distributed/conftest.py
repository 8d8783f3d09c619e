"""The distributed service in its own processes, each part behind a proxy that tests may cut."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import boto3
import pytest
from django.conf import settings as django_settings
from django.db import connection

from backends.models import SharedKey
from contests.models import Conversion
from contests.submitting import submit_file
from infra.local import stand_ins
from tests import emulator, media
from tests.factories import make_contest
from tests.proxy import Proxy
from tests.waiting import until
from videoshare.config import ROOT

HOST = "videos.example"
SENDER = "hola@videos.example"
# What the load balancer adds to every request.
VISITOR = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}


@dataclass(frozen=True)
class Answer:
    """An HTTP response."""

    status: int
    headers: list[tuple[str, str]]
    text: str

    def __getitem__(self, name: str) -> str:
        return dict(self.headers)[name]


@dataclass
class Visitor:
    """Asks a web server as a load balancer passes on what one visitor's browser asks."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, fields: Any = None, **headers: str) -> Answer:
        """GET, or POST `fields`; underscores in the names of headers stand for hyphens."""
        asked = VISITOR | {"Accept-Language": "en"}
        asked |= {name.replace("_", "-"): value for name, value in headers.items()}
        asked["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if fields is not None:
            asked |= {"X-CSRFToken": self.cookies["csrftoken"], "Referer": f"https://{HOST}/"}
            as_json = asked.get("Accept") == "application/json"
            body = json.dumps(fields) if as_json else urlencode(fields)
            kind = "application/json" if as_json else "application/x-www-form-urlencoded"
            asked["Content-Type"] = kind
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        line.request("GET" if body is None else "POST", path, body, asked)
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        for value in answer.headers.get_all("Set-Cookie", []):
            if found := re.match(r"(\w+)=([^;]*)", value):
                self.cookies[found[1]] = found[2]
        return Answer(answer.status, answer.getheaders(), text)


@dataclass
class System:
    """What the service depends on; processes see each part through its own proxy."""

    account: emulator.Account
    environ: dict[str, str]
    database: Proxy
    queue: Proxy
    bucket: Proxy
    mail: Proxy
    splunk: Proxy
    events: Path  # what Splunk got, one JSON object a line

    @property
    def proxies(self) -> tuple[Proxy, ...]:
        return self.database, self.queue, self.bucket, self.mail, self.splunk


@pytest.fixture(scope="module")
def system(_emulator: None, django_db_setup: None, tmp_path_factory) -> Iterator[System]:
    """A secret with the 18 keys, and what they name; the database is the tests' own."""
    folder: Path = tmp_path_factory.mktemp("system")
    account, described = emulator.Account.new(), connection.settings_dict
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    aws = urlsplit(endpoint).port
    database, queue, bucket, mail = (Proxy(port) for port in (described["PORT"], aws, aws, aws))
    events = folder / "splunk.jsonl"
    events.touch()
    name = f"videoshare/{uuid.uuid4().hex}"
    content = {
        "web_url": HOST,
        "web_port": 443,
        "rds_url": described["HOST"],
        "rds_port": database.port,
        "rds_user": described["USER"],
        "rds_pass": described["PASSWORD"],
        "rds_db": described["NAME"],
        "sqs_url": account.queue,
        "s3_url": account.bucket,
        "cf_url": account.cdn,
        "ses_email": SENDER,
        "splunk_api_url": "127.0.0.1",
        "splunk_api_protocol": "http",
        "splunk_api_token": "a token",
        "splunk_index": "videoshare",
        "splunk_source": "videoshare",
        "splunk_sourcetype": "_json",
        # Not one of the 18; a real service's stands in the system's bundle.
        "rds_ca": described["OPTIONS"]["ssl"]["ca"],
    }
    boto3.client("sesv2").create_email_identity(EmailIdentity=SENDER)
    file = folder / "config.conf"
    file.write_text(f"[SECRETS]\nname = {name}\nregion = {emulator.REGION}\n")
    own = {
        "VIDEOSHARE_CONFIG": str(file),
        "VIDEOSHARE_DATA": str(folder / "data"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL_SQS": f"http://127.0.0.1:{queue.port}",
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{bucket.port}",
        "AWS_ENDPOINT_URL_SESV2": f"http://127.0.0.1:{mail.port}",
    }
    with stand_ins.splunk("a token", events) as port:
        splunk = Proxy(port)
        text = json.dumps(content | {"splunk_api_port": splunk.port})
        boto3.client("secretsmanager").create_secret(Name=name, SecretString=text)
        system = System(account, os.environ | own, database, queue, bucket, mail, splunk, events)
        yield system
    for each in system.proxies:
        each.close()


@pytest.fixture
def distributed(system: System, transactional_db: None, settings) -> Iterator[System]:
    """All parts in order, and this process configured as those that it starts."""
    # The tests' key: a flush after each test takes the one that `migrate` made.
    SharedKey.objects.update_or_create(defaults={"value": django_settings.SECRET_KEY})
    settings.AWS_REGION = emulator.REGION
    settings.S3_BUCKET, settings.SQS_URL = system.account.bucket, system.account.queue
    settings.CDN_URL = system.account.cdn
    boto3.client("sqs").purge_queue(QueueUrl=settings.SQS_URL)
    yield system
    for each in system.proxies:
        each.mend()


@contextmanager
def gunicorn(system: System) -> Iterator[int]:
    """Serve the site; yield the port once it answers load balancers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["-m", "gunicorn", "--config", str(ROOT / "web/gunicorn.conf.py")]
    environ = system.environ | {"PORT": str(port)}
    process = subprocess.Popen([sys.executable, *words], env=environ)
    try:
        until(lambda: process.poll() is not None or _lives(port))
        yield port
    finally:
        process.terminate()
        process.wait()


def _lives(port: int) -> bool:
    try:
        return Visitor(port).ask("/healthz").status == 200
    except OSError:  # not yet
        return False


@pytest.fixture(scope="module")
def port(system: System) -> Iterator[int]:
    with gunicorn(system) as port:
        yield port


@pytest.fixture
def visitor(distributed: System, port: int) -> Visitor:
    """Somebody new, at the one web server of the module's tests."""
    return Visitor(port)


@pytest.fixture
def work(distributed: System, settings) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Start workers, whose leases are short, with options and variables if need be."""
    started: list[subprocess.Popen[bytes]] = []
    # A queue of the test's own: the last one may still be answering a worker that was killed.
    settings.SQS_URL = emulator.Account.new().queue

    def start(*options: str, **more: str) -> "subprocess.Popen[bytes]":
        own = {"VIDEOSHARE_LEASE_SECONDS": "4", "VIDEOSHARE_HEARTBEAT_SECONDS": "1"}
        own["VIDEOSHARE_SQS_URL"] = settings.SQS_URL
        words = [sys.executable, "-m", "workerjob", *options]
        environ = distributed.environ | own | more
        started.append(subprocess.Popen(words, cwd=ROOT, env=environ))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def submitted(work) -> Callable[..., Conversion]:
    """Submit a video; return its conversion."""

    def submit(clip: str = "wmv2") -> Conversion:
        contest = make_contest()
        about = {"title": "T", "first_name": "A", "email": "a@example.org"}
        return submit_file(contest, media.clip(clip), language="en", **about).conversions.get()

    return submit


def facts(conversion: Conversion) -> tuple[str, int, int]:
    """Return a conversion's state, attempt and failures as they are now."""
    conversion.refresh_from_db()
    return conversion.state, conversion.attempt, conversion.failures


def encodes(conversion: Conversion) -> bool:
    """Say whether a conversion is at its longest stage."""
    conversion.refresh_from_db()
    return conversion.percent > 0
