"""What comes after the commit is no reason to run a verb again (deadlocks: tests/mysql)."""

import pytest
from django.db import OperationalError, transaction

from backends.models import SharedKey
from backends.transactions import retried

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_fault_after_the_commit_runs_nothing_again():
    runs = []

    def fault() -> None:
        raise OperationalError(1213, "Deadlock found")

    @retried
    def verb() -> str:
        runs.append(SharedKey.objects.create(value=""))
        transaction.on_commit(fault, robust=True)
        return "done"

    assert verb() == "done"
    assert len(runs) == 1


def test_what_our_verbs_do_after_a_commit_is_robust():
    from videoshare.config import ROOT

    calls = [
        text.partition("on_commit(")[2]
        for path in (ROOT / "web").glob("*/*.py")
        for text in [path.read_text()]
        if "transaction.on_commit(" in text
    ]
    assert len(calls) == 3
    assert all("robust=True" in call[:200] for call in calls)
