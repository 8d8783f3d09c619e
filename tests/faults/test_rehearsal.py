"""`manage.py rehearse`, which kills workers itself."""

import re
import subprocess
import sys

import pytest

from backends import queue
from contests.models import Contest, Conversion, Entry, Notification, State, Upload, Voter
from tests.waiting import until
from videoshare.config import ROOT


@pytest.mark.long
def test_it_plays_a_contest_through_and_leaves_nothing(world):
    kept = world.submit()
    words = ["rehearse", "--entries", "7", "--voters", "5", "--kill-every", "5s"]
    done = subprocess.run(
        [sys.executable, "web/manage.py", *words],
        cwd=ROOT,
        env=world.environ,
        stdout=subprocess.PIPE,
    )
    lost, ready, _votes, mailed = done.stdout.decode().splitlines()[-4:]
    assert lost == "lost 0, doubled 0 of 7 entries"
    assert re.fullmatch(r"time to ready: p50 \d+\.\d s, p95 \d+\.\d s", ready)
    mails = re.fullmatch(r"mails: (\d+) sent once, (\d+) perhaps twice, 0 unsent", mailed)
    assert int(mails[1]) + int(mails[2]) == 14
    assert done.returncode == 0
    # What was there before is there still; the rehearsal's workers may have converted it.
    assert [row.pk for row in Entry.objects.all()] == [kept.entry_id]
    counts = [model.objects.count() for model in (Contest, Conversion, Upload, Voter)]
    assert counts == [1, 1, 1, 0]
    assert not Notification.objects.exclude(entry=kept.entry_id).exists()
    world.start()
    until(lambda: queue.depth().pending == 0)
    world.check({kept: State.SUCCEEDED})
