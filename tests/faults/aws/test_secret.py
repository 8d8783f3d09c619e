"""Secrets Manager does not answer as a worker starts; later the database's password changes."""

import json
import re
import subprocess
import sys
import uuid
from urllib.parse import urlsplit

import boto3
import pytest
from django.db import connection

from contests.models import State
from tests import emulator
from tests.proxy import Proxy
from tests.waiting import until
from videoshare import config


@pytest.fixture
def secrets(world):
    """Secrets Manager's own way, which the world's workers take."""
    proxy = Proxy(urlsplit(world.environ["AWS_ENDPOINT_URL"]).port)
    world.environ["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = f"http://127.0.0.1:{proxy.port}"
    yield proxy
    proxy.close()


def test_without_its_secret_a_worker_ends_with_one_line_and_later_starts(world, secrets):
    conversion = world.submit()
    secrets.cut()
    words = [sys.executable, "-m", "workerjob"]
    ended = subprocess.run(
        words, cwd=config.ROOT, env=world.environ, capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    [line] = ended.stderr.splitlines()
    why = r"the secret videoshare/\w+ \(us-east-1\) can't be read: \w+"
    assert re.fullmatch(f"workerjob: {why}", line)
    secrets.mend()
    world.start()
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (1, 0)


def test_a_new_password_of_the_database_needs_no_new_worker(world, tmp_path):
    """Ops change it in the database first, so for a moment the secret's is the wrong one."""
    account, named = f"fleet{uuid.uuid4().hex[:8]}", f"videoshare/{uuid.uuid4().hex}"
    manager = boto3.client("secretsmanager")
    found = manager.get_secret_value(SecretId=config.load(world.environ).secret_name)

    def secret(password: str) -> str:
        own = {"rds_user": account, "rds_pass": password}
        return json.dumps(json.loads(found["SecretString"]) | own)

    manager.create_secret(Name=named, SecretString=secret("the first one"))
    file = tmp_path / "config.conf"
    file.write_text(f"[SECRETS]\nname = {named}\nregion = {emulator.REGION}\n")
    with connection.cursor() as database:
        database.execute(f"CREATE USER {account}@'%' IDENTIFIED BY 'the first one'")
        database.execute(f"GRANT ALL ON *.* TO {account}@'%'")
        first = world.submit()
        world.start(VIDEOSHARE_CONFIG=str(file))
        until(lambda: world.reread(first).state == State.SUCCEEDED)
        database.execute(f"ALTER USER {account}@'%' IDENTIFIED BY 'the next one'")
    second = world.submit()
    manager.put_secret_value(SecretId=named, SecretString=secret("the next one"))
    world.check({first: State.SUCCEEDED, second: State.SUCCEEDED})
    assert world.tries(second) == (1, 0)
