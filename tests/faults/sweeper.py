"""Sweeps without a pause until SIGTERM: `python -m tests.faults.sweeper FAULT...`.

`worker.py` says what a fault is.
"""

import os
import signal
import sys

from tests.faults.worker import hurry, meet  # makes web/ importable, too

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "videoshare.settings")
    django.setup()
    hurry()
    for each in sys.argv[1:]:
        meet(each)
    from contests import sweeping

    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    while not told:
        sweeping.sweep()
