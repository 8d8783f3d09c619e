"""Sweeps without a pause until SIGTERM: `python -m tests.faults.sweeper`."""

import os
import signal

from tests.faults.worker import hurry  # makes web/ importable, too

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "videoshare.settings")
    django.setup()
    hurry()
    from contests import sweeping

    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    while not told:
        sweeping.sweep()
