"""Django's MySQL, reading the password anew once it is refused: rotation needs no restart.

And with patience that ends: a server that is gone without a word must not hold every thread.

Django wants an engine as a package with a module `base`.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.mysql import base
from MySQLdb import OperationalError  # type: ignore[import-untyped]

from videoshare import config

logger = logging.getLogger(__name__)

_ACCESS_DENIED = 1045  # dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
_PAUSE = 5  # seconds between two looks at the secret, whatever the number of threads that fail
_looked = -float(_PAUSE)

_NO_ANSWER = (2002, 2003, 2013)  # dev.mysql.com/doc/mysql-errors/8.4/en/client-error-reference.html
_away = threading.Event()  # did the last attempt get no answer?
_trying = threading.Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose password may change."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; with the secret's present password if the known one is refused."""
        with _one_by_one_while_away():
            try:
                return super().get_new_connection(conn_params)
            except OperationalError as error:
                if error.args[0] != _ACCESS_DENIED or not self._has_news(conn_params):
                    raise
            return super().get_new_connection(self.get_connection_params())

    def _has_news(self, refused: dict[str, Any]) -> bool:
        """Say whether the settings, which all threads share, now hold another account."""
        global _looked  # noqa: PLW0603 - one clock for all threads
        if time.monotonic() > _looked + _PAUSE:
            _looked = time.monotonic()
            try:
                found = config.load(os.environ)
            except config.ConfigError as error:
                logger.error("the database refuses the password; the configuration: %s", error)
            else:
                self.settings_dict |= {"USER": found.rds_user, "PASSWORD": found.rds_pass}
        known = self.settings_dict["USER"], self.settings_dict["PASSWORD"]
        return known != (refused["user"], refused["password"])


@contextmanager
def _one_by_one_while_away() -> Iterator[None]:
    """Let one thread at a time wait for a database that did not answer; the others fail at once.

    If all waited, none would be left to tell load balancers that we are alive.
    """
    alone = _away.is_set()
    if alone and not _trying.acquire(blocking=False):
        raise OperationalError(_NO_ANSWER[0], "the database did not answer a moment ago")
    try:
        yield
        _away.clear()
    except OperationalError as error:
        if error.args[0] in _NO_ANSWER:
            _away.set()
        raise
    finally:
        if alone:
            _trying.release()
