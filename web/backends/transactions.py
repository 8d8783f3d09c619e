"""Transactions that the database may break up and that are then run again."""

import logging
import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)

# MySQL's "lock wait timeout" and "deadlock found", of which the manual says: try again.
# dev.mysql.com/doc/refman/8.4/en/innodb-deadlocks-handling.html
_BROKEN_UP = (1205, 1213)
_TRIES = 4


def retried(verb: Callable[P, T]) -> Callable[P, T]:
    """Run a verb in one transaction, and again when the database ended it for another's sake.

    What it hands to `on_commit` must be robust: a fault in there comes after the commit, and would
    be taken for one of the transaction's. Inside another transaction the verb just runs: what was
    broken up is the whole, so the outermost one has to begin again.
    """

    @wraps(verb)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:
            return verb(*args, **kwargs)
        for left in reversed(range(_TRIES)):
            try:
                with transaction.atomic():
                    return verb(*args, **kwargs)
            except OperationalError as error:
                if not left or error.args[0] not in _BROKEN_UP:
                    raise
                logger.info("%s: broken up by the database, again", verb.__name__)
                time.sleep(random.uniform(0.01, 0.1))  # noqa: S311 - not both at the same moment
        raise AssertionError

    return wrapped
