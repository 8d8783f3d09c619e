"""A rolling deploy: what runs already meets the new schema, and messages that it half understands.

"Old" is the first code there was, of which the first migrations tell. Its models write as it did:
with the columns that it knew.
"""

import uuid

import pytest
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from backends import queue, storage
from contests.models import Conversion, Rendition, State
from tests import media
from tests.factories import store
from tests.waiting import until

OURS = ("accounts", "backends", "contests")


@pytest.fixture
def old(transactional_db):
    """All models of old."""
    first = [(app, "0001_initial") for app in OURS]
    return MigrationLoader(connection).project_state(first).apps


def test_old_code_finds_every_column_that_it_knows_and_may_leave_out_all_others(old):
    new = MigrationLoader(connection).project_state().apps
    lost, demanded = set(), set()
    for model in old.get_models():
        if model._meta.app_label in OURS:
            before, after = columns(model), columns(new.get_model(model._meta.label))
            lost |= before.keys() - after.keys()
            demanded |= {name for name in after.keys() - before.keys() if is_needed(after[name])}
    assert (lost, demanded) == (set(), set())


def test_what_old_code_submits_new_code_converts(world, old):
    now, key = timezone.now(), storage.new_key(storage.SOURCES)
    store(key, media.clip("wmv2").read_bytes())
    size = storage.size(key)
    upload = old.get_model("contests", "Upload").objects.create(
        contest_id=world.contest.pk, key=key, filename="a.wmv", size=size, state="complete"
    )
    entry = old.get_model("contests", "Entry").objects.create(
        contest_id=world.contest.pk,
        upload=upload,
        title="T",
        first_name="A",
        email=f"{uuid.uuid4().hex}@example.org",
        language="en",
    )
    about = {"entry": entry, "language": "en", "created_at": now, "due_at": now}
    old.get_model("contests", "Notification").objects.create(
        kind="received", dedup_key="received", **about
    )
    row = old.get_model("contests", "Conversion").objects.create(
        entry=entry, queued_at=now, ring_at=now
    )
    queue.send({"conversion": row.pk, "of a later version": {"profile": "4k"}})
    world.start()
    world.check({Conversion.objects.get(pk=row.pk): State.SUCCEEDED})


def test_what_an_old_worker_publishes_new_code_reads(world, old):
    conversion = world.submit()
    old.get_model("contests", "Rendition").objects.create(
        conversion_id=conversion.pk,
        kind="mp4",
        key=storage.new_key(storage.VIDEOS, ".mp4"),
        codec="h264",
        width=320,
        height=240,
        duration=2.0,
        size=1,
    )
    assert Rendition.objects.get().number == 0


def test_workers_are_replaced_and_each_conversion_is_done_once(world):
    conversions = [world.submit("flv_h264_aac") for _ in range(6)]
    leaving = [world.start() for _ in range(2)]
    until(lambda: all(world.found(worker) for worker in leaving))
    world.start()
    for worker in leaving:
        worker.terminate()
    assert [worker.wait(60) for worker in leaving] == [0, 0]
    world.check(dict.fromkeys(conversions, State.SUCCEEDED))
    assert {world.tries(each) for each in conversions} == {(1, 0)}


def columns(model: type[models.Model]) -> dict[str, models.Field]:
    """Return a table's columns by name, the table's included."""
    fields = model._meta.local_concrete_fields
    return {f"{model._meta.db_table}.{field.column}": field for field in fields}


def is_needed(column: models.Field) -> bool:
    """Say whether the database takes no row without it."""
    return not column.null and column.db_default is models.NOT_PROVIDED
