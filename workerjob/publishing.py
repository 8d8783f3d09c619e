"""Publishing what a conversion made."""

import threading
from collections import Counter
from typing import Any

from backends import storage
from contests import converting, placing
from contests.converting import Claim
from workerjob.convert import Converted

_PREFIX = {"mp4": storage.VIDEOS, "poster": storage.POSTERS, "share": storage.POSTERS}


def publish(claim: Claim, converted: Converted, stop: threading.Event) -> bool:
    """Store the files under new keys, then name them in one transaction; False: the lease is lost.

    Raises storage.Stopped once `stop` is set, and other OSErrors; then nothing is published.
    """
    rows: list[dict[str, Any]] = []
    private = not placing.is_open(claim.entry_id)
    try:
        numbers: Counter[str] = Counter()
        for made in converted.renditions:
            key = storage.new_key(_PREFIX[made.kind], made.path.suffix, private=private)
            rows.append(
                {
                    "kind": made.kind,
                    "number": numbers[made.kind],
                    "key": key,
                    "codec": made.codec,
                    "width": made.width,
                    "height": made.height,
                    "duration": made.duration or None,
                    "size": made.bytes,
                }
            )
            numbers[made.kind] += 1
            storage.put(made.path, key, stop)
    except BaseException:
        storage.delete(*(row["key"] for row in rows), unseen=True)
        raise
    # Should this fail, nobody knows whether it was committed: then the files stay.
    published = converting.finish(claim, rows, converted.partial)
    if not published:
        storage.delete(*(row["key"] for row in rows), unseen=True)
    return published
