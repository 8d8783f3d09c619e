"""A database password that changes while the service runs."""

import json
import os
import uuid
from pathlib import Path

import boto3
import pytest
from django.db import OperationalError
from django.db.utils import load_backend

from backends.mysql import base
from tests import emulator, mariadb
from videoshare import config
from videoshare.settings import mysql

pytestmark = [pytest.mark.aws, pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def server(_emulator, tmp_path: Path, monkeypatch):
    """A server, its account in a secret, and the file that names the secret."""
    name = f"videoshare/{uuid.uuid4().hex}"
    text = f"[SECRETS]\nname = {name}\nregion = {emulator.REGION}\n"
    path = tmp_path / "config.conf"
    path.write_text(text)
    monkeypatch.setenv("VIDEOSHARE_CONFIG", str(path))
    monkeypatch.setattr(base, "_looked", -100.0)
    with mariadb.running() as server:
        boto3.client("secretsmanager").create_secret(Name=name, SecretString=secret(server))
        yield server, name


def secret(server: mariadb.Server, password: str | None = None) -> str:
    found = server.config(**({"rds_pass": password} if password else {}))
    keys = ("rds_url", "rds_port", "rds_user", "rds_pass", "rds_db", "rds_ca")
    return json.dumps({key: str(getattr(found, key)) for key in keys})


def connect(described):
    wrapper = load_backend(described["ENGINE"]).DatabaseWrapper(described)
    wrapper.ensure_connection()
    wrapper.close()


def described():
    extra = {"TIME_ZONE": None, "ATOMIC_REQUESTS": False, "AUTOCOMMIT": True}
    return {**mysql(config.load(os.environ)), **extra, "NAME": "mysql"}


def test_a_new_password_is_taken_from_the_secret_without_a_restart(server, monkeypatch):
    server, name = server
    known = described()
    connect(known)
    server.run("ALTER USER videoshare@'%' IDENTIFIED BY 'the next one'")
    with pytest.raises(OperationalError, match="Access denied"):
        connect(known)  # the secret does not know it yet
    boto3.client("secretsmanager").put_secret_value(
        SecretId=name, SecretString=secret(server, "the next one")
    )
    with pytest.raises(OperationalError, match="Access denied"):
        connect(known)  # nor do we ask every time
    monkeypatch.setattr(base, "_looked", -100.0)
    connect(known)
    assert known["PASSWORD"] == "the next one"
