"""A database that is gone without a word: patience ends, and one thread at a time waits for it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.utils import load_backend

from backends.mysql import base
from tests.proxy import Proxy
from videoshare.config import Config
from videoshare.settings import mysql

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def proxy(monkeypatch) -> Iterator[Proxy]:
    monkeypatch.setattr(base, "_away", threading.Event())
    proxy = Proxy(connection.settings_dict["PORT"])
    yield proxy
    proxy.close()


@contextmanager
def through(proxy: Proxy, **patience: int):
    """A connection of its own, as a thread's, to the tests' database."""
    known = connection.settings_dict
    options = known["OPTIONS"] | patience
    wrapper = load_backend(known["ENGINE"]).DatabaseWrapper(
        {**known, "PORT": proxy.port, "OPTIONS": options}
    )
    try:
        yield wrapper
    finally:
        wrapper.close()


def test_no_answer_to_a_question_is_an_error(proxy):
    with through(proxy, read_timeout=1) as wrapper, wrapper.cursor() as cursor:
        proxy.clog()
        with pytest.raises(OperationalError):
            cursor.execute("SELECT 1")


def test_pages_and_workers_have_such_patience_and_migrations_all_the_time(settings):
    options = mysql(Config())["OPTIONS"]
    assert (options["connect_timeout"], options["read_timeout"]) == (5, 20)
    connection.settings_dict["OPTIONS"]["read_timeout"] = 1
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT SLEEP(1.2)")


def test_while_one_thread_waits_the_others_fail_at_once(proxy):
    proxy.clog()
    with through(proxy, connect_timeout=1) as wrapper, pytest.raises(OperationalError):
        wrapper.ensure_connection()

    def wait() -> None:
        with through(proxy, connect_timeout=10) as wrapper:
            wrapper.ensure_connection()

    seen = proxy.connections
    first = threading.Thread(target=wait)
    first.start()
    while proxy.connections == seen:
        pass
    began = time.monotonic()
    with through(proxy) as wrapper, pytest.raises(OperationalError, match="a moment ago"):
        wrapper.ensure_connection()
    assert time.monotonic() - began < 1
    proxy.mend()
    first.join()
    with through(proxy) as wrapper:
        wrapper.ensure_connection()
