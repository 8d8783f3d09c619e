"""What two transactions that wait for each other come to."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from backends.models import SharedKey
from backends.transactions import retried

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_one_that_was_broken_up_runs_again():
    rows = [SharedKey.objects.create(value="") for _ in range(2)]
    both = threading.Barrier(2)
    runs = []

    @retried
    def append(first: SharedKey, second: SharedKey, letter: str) -> None:
        runs.append(letter)
        change(first, letter)
        if runs.count(letter) == 1:
            both.wait(timeout=10)
        change(second, letter)

    def change(row: SharedKey, letter: str) -> None:
        value = SharedKey.objects.select_for_update().get(pk=row.pk).value
        SharedKey.objects.filter(pk=row.pk).update(value=value + letter)

    def run(*args) -> None:
        try:
            append(*args)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(run, *rows, "a"), pool.submit(run, *reversed(rows), "b")]
    assert [job.result() for job in jobs] == [None, None]
    assert len(runs) == 3
    values = [sorted(SharedKey.objects.get(pk=row.pk).value) for row in rows]
    assert values == [["a", "b"], ["a", "b"]]
