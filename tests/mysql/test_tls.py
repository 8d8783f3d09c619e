"""The connection to the database is encrypted, to the right server, or there is none."""

from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from django.db.utils import load_backend

from tests import mariadb
from videoshare.config import Config
from videoshare.settings import mysql

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def other() -> Iterator[mariadb.Server]:
    """A server with certificates of another CA."""
    with mariadb.running() as server:
        yield server


@pytest.fixture(scope="module")
def plain() -> Iterator[mariadb.Server]:
    with mariadb.running(tls=False) as server:
        yield server


def ask(config: Config, question: str) -> object:
    """Ask the server that `config` names, over a connection such as the service makes."""
    described = {**connection.settings_dict, **mysql(config), "NAME": "mysql"}
    wrapper = load_backend(described["ENGINE"]).DatabaseWrapper(described)
    try:
        with wrapper.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone()
    finally:
        wrapper.close()


def test_the_tests_own_connection_is_encrypted():
    with connection.cursor() as cursor:
        cursor.execute("SHOW STATUS LIKE 'Ssl_cipher'")
        assert cursor.fetchone()[1].startswith("TLS_")


def test_encrypted_strict_and_reading_what_is_committed(other):
    asked = "SELECT @@session.sql_mode, @@session.tx_isolation, @@character_set_client"
    answer = ("STRICT_TRANS_TABLES", "READ-COMMITTED", "utf8mb4")
    assert ask(other.config(), asked) == answer


def test_a_server_that_speaks_plain_text_is_refused(plain):
    with pytest.raises(OperationalError, match="SSL"):
        ask(plain.config(), "SELECT 1")


def test_a_server_that_another_authority_vouches_for_is_refused(other, plain):
    with pytest.raises(OperationalError, match=r"(?i)certificate"):
        ask(other.config(rds_ca=plain.ca), "SELECT 1")


def test_another_machines_certificate_is_refused(other):
    with pytest.raises(OperationalError, match=r"(?i)SSL|certificate|verif"):
        ask(other.config(rds_url=mariadb.OTHER_NAME), "SELECT 1")
