"""What the tests of comparing files with rows share."""

from backends import storage
from contests import sweeping
from contests.models import SweepLock
from contests.sweeping import Swept

KEYS = [f"{storage.VIDEOS}/{digit * 32}.mp4" for digit in "0123456789"]


def sweep_all() -> Swept:
    """Sweep until the whole list was compared once; add up what was done."""
    SweepLock.objects.update(listing_began=None)
    swept = [sweeping.sweep()]
    while SweepLock.objects.get().listed_to:
        swept.append(sweeping.sweep())
    assert None not in swept
    return Swept(
        nameless=sum(each.nameless for each in swept),
        missing=sum(each.missing for each in swept),
        files=sum(each.files for each in swept),
    )


def exists(key: str) -> bool:
    try:
        return storage.size(key) > 0
    except FileNotFoundError:
        return False
