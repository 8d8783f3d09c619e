"""The service's settings over a throw-away data folder: no test sees this machine's data or set-up.

Programs that tests start inherit the folder, and use the service's own settings.
"""

import atexit
import os
import tempfile
from pathlib import Path

_folder = tempfile.TemporaryDirectory(prefix="videoshare-tests-")
atexit.register(_folder.cleanup)
for _name in [name for name in os.environ if name == "PORT" or name.startswith("VIDEOSHARE_")]:
    del os.environ[_name]
os.environ["VIDEOSHARE_DATA"] = str(Path(_folder.name, "data"))
os.environ["VIDEOSHARE_CONFIG"] = str(Path(_folder.name, "config.conf"))
Path(os.environ["VIDEOSHARE_CONFIG"]).touch()
os.environ["DJANGO_SETTINGS_MODULE"] = "videoshare.settings"

from videoshare.settings import *  # noqa: E402, F403  (reads the environment when imported)

# Playwright runs an event loop in the tests' thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "yes"

# The service's lies in the database, which many tests do without or empty.
SECRET_KEY = "a key for tests, as long as the service's own, and worth nothing to anybody"  # type: ignore[assignment]

# Slow on purpose in the service; here every test that logs in would pay for it.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A file, not memory: threads and processes that a test starts open the same database.
DATABASES["default"]["TEST"] = {"NAME": DATA / "test.sqlite3"}  # noqa: F405
