"""The tests' settings over a MariaDB that runs as long as the tests do."""

import atexit
from contextlib import ExitStack

from tests import mariadb
from tests.settings import *  # noqa: F403
from videoshare.settings import mysql

_stack = ExitStack()
atexit.register(_stack.close)
_server = _stack.enter_context(mariadb.running())
DATABASES = {"default": {**mysql(_server.config()), "TEST": {"CHARSET": "utf8mb4"}}}
