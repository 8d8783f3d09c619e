"""The world that each fault strikes: on one machine or, with a MariaDB, the distributed one."""

import os
from collections.abc import Iterator

import pytest
from django.db import connection

from tests import emulator
from tests.distributed.conftest import SENDER, distributed, system
from tests.faults.world import HEARTBEAT, LEASE, World

# These need what one machine has not; the second half of `make test` has it.
collect_ignore = [] if connection.vendor == "mysql" else ["aws"]

__all__ = ["distributed", "system"]  # fixtures


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests here as slow."""
    for item in items:
        if "faults" in item.path.parts:
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def world(request: pytest.FixtureRequest, transactional_db: None, settings) -> Iterator[World]:
    settings.LEASE_SECONDS, settings.HEARTBEAT_SECONDS = LEASE, HEARTBEAT
    settings.DATA.mkdir(parents=True)
    own = {
        "VIDEOSHARE_DATA": str(settings.DATA),
        "VIDEOSHARE_LEASE_SECONDS": str(LEASE),
        "VIDEOSHARE_HEARTBEAT_SECONDS": str(HEARTBEAT),
    }
    if connection.vendor == "mysql":
        system = request.getfixturevalue("distributed")
        settings.EMAIL_BACKEND = "backends.mail_ses.SesBackend"
        settings.DEFAULT_FROM_EMAIL = SENDER
        # The test's own: the last queue may still be answering a worker that was killed.
        account = emulator.Account.new()
        settings.SQS_URL, settings.S3_BUCKET = account.queue, account.bucket
        own |= {"VIDEOSHARE_SQS_URL": account.queue, "VIDEOSHARE_S3_URL": account.bucket}
        world = World(system.environ | own, system)
    else:
        settings.EMAIL_BACKEND = "backends.mail.EmlBackend"
        (settings.DATA / "db.sqlite3").symlink_to(connection.settings_dict["NAME"])
        world = World(os.environ | own)
    yield world
    world.kill()
