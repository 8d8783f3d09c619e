"""What all tests share."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import translation
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings

from tests import emulator, media

# Those need a MariaDB, which the second half of `make test` has (tests/settings_mariadb.py).
collect_ignore = [] if connection.vendor == "mysql" else ["mysql", "distributed"]

# How long an example takes says more of the machine than of the code.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")


media.folder()  # before xdist starts the processes that share it


def pytest_xdist_auto_num_workers() -> int:
    """Half as many processes more than processors: tests wait for leases, pages and time limits."""
    return max(2, len(os.sched_getaffinity(0)) * 3 // 2)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest, so that no process is left with one of them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(autouse=True)
def _own_data(settings: Settings, tmp_path: Path) -> None:
    """Every test stores its files in a folder of its own and needs no bundled front end."""
    settings.DATA = tmp_path / "var"
    settings.MEDIA_ROOT = settings.DATA / "media"
    settings.WORK_ROOT = settings.DATA / "work"
    settings.MAIL_ROOT = settings.DATA / "mail"
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Texts made outside a page are English, whatever language an earlier test's page spoke."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _clean_cache(request: pytest.FixtureRequest) -> None:
    """Rate limits count in the cache's table, which no transaction and no flush empties for us."""
    uses = {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    if uses or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        cache.clear()


@pytest.fixture
def client() -> Client:
    """A visitor who reads English; a test that wants Spanish asks for it in the header."""
    return Client(headers={"accept-language": "en"})


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive the system's Chromium, where pytest-playwright would want a download of its own."""
    # Chromium's own sandbox does not run as root, which continuous integration often is.
    args = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": shutil.which("chromium"), "args": args}


@pytest.fixture(scope="session")
def _emulator() -> Iterator[None]:
    with emulator.running():
        yield


@pytest.fixture
def aws(_emulator: None, settings: Settings) -> emulator.Account:
    """A bucket, a queue with its dead letters and a distribution of the test's own, configured."""
    account = emulator.Account.new()
    settings.AWS_REGION = emulator.REGION
    settings.S3_BUCKET, settings.SQS_URL = account.bucket, account.queue
    settings.CDN_URL = account.cdn
    return account


@pytest.fixture
def s3_at(
    aws: emulator.Account, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], None]]:
    """Move S3, and nothing else, to an address; who does not answer there is soon given up."""
    from backends import aws as clients
    from backends import storage_s3

    def forget() -> None:
        clients._client.cache_clear()
        storage_s3._published.cache_clear()

    def move(address: str) -> None:
        settings.AWS_CONNECT_SECONDS = settings.AWS_READ_SECONDS = 1
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", address)
        forget()

    yield move
    forget()
