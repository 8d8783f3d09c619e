"""The database goes away, or breaks up the transaction, in which a conversion is finished."""

import signal
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from backends.models import QueueMessage
from contests.models import Conversion, Entry, State
from tests.processes import stands_still
from tests.waiting import until

OLDEST = "SELECT trx_mysql_thread_id FROM information_schema.innodb_trx ORDER BY trx_started"


@pytest.mark.parametrize("what", ["network", "connection"])
def test_cut_off_in_the_transaction_it_is_ready_once(world, what):
    conversion = world.submit()
    world.start("before contests.notifying:notify 1 wait=3")
    until(lambda: is_locked(conversion.entry))
    if what == "network":
        world.system.database.cut()
    else:
        elsewhere("KILL CONNECTION %s", *elsewhere(OLDEST)[0])
    until(lambda: not is_locked(conversion.entry))
    world.system.database.mend()
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (2, 1)


def test_a_lock_that_it_does_not_get_in_time_is_asked_for_again(world):
    conversion = world.submit()
    timeouts = counted("lock_timeouts")
    with transaction.atomic():
        Entry.objects.select_for_update().get(pk=conversion.entry_id)
        world.start()
        until(lambda: counted("lock_timeouts") > timeouts)
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (1, 0)


def test_broken_up_by_a_deadlock_it_runs_again(world):
    conversion = world.submit()
    deadlocks = counted("lock_deadlocks")
    worker = world.start("before contests.converting:finish 1 freeze")
    until(lambda: stands_still(worker.pid))
    with transaction.atomic():
        Conversion.objects.select_for_update().get(pk=conversion.pk)
        now = timezone.now()
        some = [QueueMessage(body={}, sent_at=now, visible_at=now) for _ in range(100)]
        QueueMessage.objects.bulk_create(some)  # the lighter of two transactions is broken up
        worker.send_signal(signal.SIGCONT)
        until(lambda: is_locked(conversion.entry))
        Entry.objects.select_for_update().get(pk=conversion.entry_id)
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (1, 0)
    assert counted("lock_deadlocks") == deadlocks + 1


def is_locked(entry: Entry) -> bool:
    """Say whether a transaction holds an entry's row."""
    try:
        elsewhere("SELECT id FROM contests_entry WHERE id = %s FOR UPDATE NOWAIT", entry.pk)
    except OperationalError:
        return True
    return False


def counted(what: str) -> int:
    """Return one of InnoDB's counters."""
    counters = "SELECT count FROM information_schema.innodb_metrics WHERE name = %s"
    [(value,)] = elsewhere(counters, what)
    return int(value)


def elsewhere(statement: str, *parameters: Any) -> Sequence[tuple[Any, ...]]:
    """Run SQL in a connection of its own, outside of any transaction; return the rows."""
    with closing(connection.copy()) as own, own.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else ()
