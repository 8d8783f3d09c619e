"""The distributed service on this machine, with all that the stacks would make for it.

A bucket, a queue with its dead letters, a sender, a secret on an emulator; a MariaDB with TLS; a
CloudFront and a Splunk that are stand-ins. All of it is gone again at the end.
"""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3

from infra.local import stand_ins
from tests import emulator, mariadb
from videoshare.config import ROOT

SENDER = "hola@videoshare.example"
_SECRET = "videoshare/local/config"  # noqa: S105 - a name
_MANAGE = (sys.executable, "web/manage.py")


@dataclass(frozen=True)
class Service:
    """What runs, and where to look at it."""

    account: emulator.Account
    database: mariadb.Server
    endpoint: str  # of the emulator
    events: Path  # what Splunk got, one JSON object a line
    environ: dict[str, str]  # of every process of the service
    processes: list[subprocess.Popen[bytes]]  # one web server and one worker each

    def manage(self, *words: str) -> str:
        """Run a management command and return what it printed. Raises CalledProcessError."""
        ran = subprocess.run(
            [*_MANAGE, *words], cwd=ROOT, env=self.environ, check=True, stdout=subprocess.PIPE
        )
        return ran.stdout.decode()


@contextmanager
def running(folder: Path, ports: range) -> Iterator[Service]:
    """Start all of it, with a web server at each of `ports` and as many workers."""
    with ExitStack() as stack:
        endpoint = stack.enter_context(emulator.running())
        database = stack.enter_context(mariadb.running())
        database.run("CREATE DATABASE videoshare CHARACTER SET utf8mb4")
        account, events = emulator.Account.new(), folder / "splunk.jsonl"
        content = {
            **{key: str(value) for key, value in database.settings().items()},
            **_splunk(stack, events),
            "web_url": "localhost",
            "web_port": str(ports[0]),
            "sqs_url": account.queue,
            "s3_url": account.bucket,
            "cf_url": stack.enter_context(stand_ins.cloudfront(account.bucket)),
            "ses_email": SENDER,
        }
        boto3.client("sesv2").create_email_identity(EmailIdentity=SENDER)
        boto3.client("secretsmanager").create_secret(Name=_SECRET, SecretString=json.dumps(content))
        file = folder / "config.conf"
        file.write_text(f"[SECRETS]\nname = {_SECRET}\nregion = {emulator.REGION}\n")
        environ = os.environ | {
            "VIDEOSHARE_CONFIG": str(file),
            "VIDEOSHARE_DATA": str(folder / "data"),
            "AWS_EC2_METADATA_DISABLED": "true",  # this is no EC2
        }
        service = Service(account, database, endpoint, events, environ, [])
        service.manage("migrate", "--verbosity", "0")
        service.manage("createcachetable", "--verbosity", "0")
        for port in ports:
            service.processes.append(stack.enter_context(_instance(environ, folder, port)))
        yield service


def _splunk(stack: ExitStack, events: Path) -> dict[str, str]:
    token = secrets.token_hex()
    port = stack.enter_context(stand_ins.splunk(token, events))
    return {
        "splunk_api_url": "localhost",
        "splunk_api_port": str(port),
        "splunk_api_protocol": "http",
        "splunk_api_token": token,
        "splunk_index": "videoshare",
        "splunk_source": "videoshare",
        "splunk_sourcetype": "_json",
    }


@contextmanager
def _instance(
    environ: dict[str, str], folder: Path, port: int
) -> Iterator[subprocess.Popen[bytes]]:
    """One web server and one worker, with a folder of their own for work files."""
    own = {"VIDEOSHARE_DATA": str(folder / f"instance-{port}")}
    words = [*_MANAGE, "serve", "--port", str(port)]
    process = subprocess.Popen(words, cwd=ROOT, env=environ | own, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
