"""What web and worker of the distributed service log, on the console and to AWS and Splunk."""

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import boto3
import pytest

from tests import emulator, mariadb, media
from tests.answering import answering
from tests.waiting import until
from videoshare.config import ROOT

pytestmark = [pytest.mark.aws, pytest.mark.slow]

INSTANCE = "i-0123456789abcdef0"
_CONTEST = (
    "import django; django.setup(); from tests.factories import make_contest;"
    "make_contest(url='films')"
)
_DEATH = (
    "import django; django.setup(); from backends import cloudwatch; cloudwatch.start('worker');"
    "raise ValueError('/participar/SECRET/')"
)


@pytest.fixture
def metadata():
    with answering() as sink:
        sink.answers = {
            "PUT /latest/api/token": "token",
            "GET /latest/meta-data/instance-id": INSTANCE,
        }
        yield sink


@pytest.fixture
def collector():
    with answering() as sink:
        yield sink


@pytest.fixture
def environ(_emulator, metadata, collector, tmp_path: Path):
    """The environment of a process of the service, on a database with a contest."""
    account = emulator.Account.new()
    boto3.client("sesv2").create_email_identity(EmailIdentity="hola@example.com")
    with mariadb.running() as database, socket.create_server(("127.0.0.1", 0)) as free:
        database.run("CREATE DATABASE videoshare CHARACTER SET utf8mb4")
        port = free.getsockname()[1]
        free.close()
        content = {
            **{key: str(value) for key, value in database.settings().items()},
            "web_url": "localhost",
            "web_port": port,
            "sqs_url": account.queue,
            "s3_url": account.bucket,
            "cf_url": account.cdn,
            "ses_email": "hola@example.com",
            "log_group": f"/{account.bucket}",
            "splunk_api_url": "127.0.0.1",
            "splunk_api_port": collector.port,
            "splunk_api_protocol": "http",
            "splunk_api_token": "s3cr3t",
            **dict.fromkeys(("splunk_index", "splunk_source", "splunk_sourcetype"), "videoshare"),
        }
        name = f"videoshare/{uuid.uuid4().hex}"
        boto3.client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(content))
        file = tmp_path / "config.conf"
        file.write_text(f"[SECRETS]\nname = {name}\nregion = {emulator.REGION}\n")
        environ = os.environ | {
            "VIDEOSHARE_CONFIG": str(file),
            "VIDEOSHARE_DATA": str(tmp_path / "data"),
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{metadata.port}",
            "DJANGO_SETTINGS_MODULE": "videoshare.settings",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'web'}",
            "PORT": str(port),
        }
        for words in (("migrate",), ("createcachetable",)):
            run(environ, "web/manage.py", *words, "--verbosity", "0")
        run(environ, "-c", _CONTEST)
        yield environ | {"GROUP": f"/{account.bucket}"}


def run(environ: dict[str, str], *words: str, code: int = 0) -> str:
    """Run a program of the service to its exit code; return what it logged."""
    ran = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environ, capture_output=True, text=True
    )
    assert ran.returncode == code, ran.stderr
    return ran.stderr


def sent(group: str) -> dict[str, list[str]]:
    """The lines of each stream of a log group."""
    logs = boto3.client("logs")
    found = logs.describe_log_streams(logGroupName=group)["logStreams"]
    names = [stream["logStreamName"] for stream in found]
    return {
        name: [
            event["message"]
            for event in logs.get_log_events(
                logGroupName=group, logStreamName=name, startFromHead=True
            )["events"]
        ]
        for name in names
    }


def test_what_web_and_worker_log(environ, metadata, collector, tmp_path):
    # One test, because what it stands on takes longer to set up than both take.
    assert_the_worker_logs_json_with_ids(environ, metadata, collector)
    assert_a_death_is_logged_too(environ)
    assert_the_web_server_logs_json_without_private_links(environ, tmp_path / "log")


def assert_the_worker_logs_json_with_ids(environ, metadata, collector):
    words = ("--title", "Holidays", "--email", "ada@example.org", "--first-name", "Ada")
    video = media.clip("flv_sorenson_mp3")
    run(environ, "web/manage.py", "submit_entry", "films", str(video), *words)
    metadata.heard.clear()
    printed = run(environ, "-m", "workerjob", "--burst").splitlines()
    lines = [json.loads(line) for line in printed]
    assert {line["instance"] for line in lines} == {INSTANCE}
    assert [heard.method for heard in metadata.heard] == ["PUT", "GET"]
    [ended] = [line for line in lines if "_aws" in line]
    assert (ended["conversion"], ended["entry"], ended["attempt"]) == (1, 1, 1)
    assert (ended["level"], ended["logger"]) == ("INFO", "workerjob.telling")
    [(stream, told)] = sent(f"{environ['GROUP']}/worker").items()
    assert stream.startswith(f"{INSTANCE}/worker-")
    assert told == printed
    bodies = "\n".join(heard.body.decode() for heard in collector.heard)
    events = [json.loads(line)["event"]["event"] for line in bodies.splitlines()]
    assert events == ["entry_submitted", "conversion_finished"]
    everything = "\n".join([*printed, bodies])
    for secret in ("Holidays", "Ada", "ada@", "flv_sorenson", "s3cr3t"):
        assert secret not in everything


def assert_a_death_is_logged_too(environ):
    [line] = run(environ, "-c", _DEATH, code=1).splitlines()
    died = json.loads(line)
    assert (died["level"], died["message"]) == ("CRITICAL", "the process dies")
    assert died["exception"].endswith("ValueError: /participar/…/")
    assert [line] in sent(f"{environ['GROUP']}/worker").values()


def assert_the_web_server_logs_json_without_private_links(environ, log: Path):
    with log.open("wb") as file:
        words = ["-m", "gunicorn", "--config", "web/gunicorn.conf.py", "--workers", "1"]
        process = subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environ, stderr=file)
    address = f"http://localhost:{environ['PORT']}"
    try:
        until(lambda: process.poll() is not None or status(f"{address}/readyz") == 200)
        assert status(f"{address}/?q=ada@example.org") == 200
        assert status(f"{address}/participar/SECRET/") == 404
        # gunicorn's own complaint about what is no request.
        with socket.create_connection(("127.0.0.1", int(environ["PORT"]))) as connection:
            connection.sendall(b"NONSENSE\r\n\r\n")
            connection.recv(1000)
    finally:
        process.terminate()
        process.wait()
    text = log.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    requests = [line for line in lines if "request_id" in line]
    assert [line["message"] for line in requests] == [
        "GET / 200",
        "GET /participar/…/ 404",
    ]
    assert len({line["request_id"] for line in requests}) == 2
    assert [line["level"] for line in lines if line["logger"] == "gunicorn.error"] == ["WARNING"]
    assert "SECRET" not in text
    assert "ada@" not in text
    [(stream, told)] = sent(f"{environ['GROUP']}/web").items()
    assert stream.startswith(f"{INSTANCE}/web-")
    assert told == text.splitlines()


def status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
