"""SQS does not answer: an entry's bell is lost, and workers ask in vain."""

import subprocess
import sys
import time
import uuid

from contests.models import Conversion, State
from tests import media
from tests.waiting import until
from videoshare.config import ROOT

WATCHED = 5  # seconds


def test_without_sqs_an_entry_is_taken_and_converted_as_soon_as_it_is_back(world):
    world.system.queue.cut()
    world.start()
    until(lambda: world.system.queue.connections)
    words = ["submit_entry", world.contest.url, media.clip("wmv2"), "--title", "T"]
    options = ["--email", f"{uuid.uuid4().hex}@example.org", "--language", "en"]
    manage = [sys.executable, str(ROOT / "web/manage.py"), *map(str, words), *options]
    subprocess.run(manage, env=world.environ, check=True, stdout=subprocess.DEVNULL)
    conversion = Conversion.objects.get()
    assert world.tries(conversion) == (0, 0)
    world.system.queue.mend()
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (1, 0)


def test_without_sqs_a_worker_does_not_spin(world):
    world.system.queue.cut()
    worker = world.start()
    until(lambda: world.system.queue.connections)
    seen, end = world.system.queue.connections, time.monotonic() + WATCHED
    until(lambda: time.monotonic() > end)
    assert world.system.queue.connections - seen < 10 * WATCHED
    assert worker.poll() is None
    world.system.queue.mend()
    conversion = world.submit()
    world.check({conversion: State.SUCCEEDED})
