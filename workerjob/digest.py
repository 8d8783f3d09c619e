"""The fingerprint of what was sent, which a participant's receipt names."""

import hashlib
import threading
from pathlib import Path

from django.db import connection

from backends.storage import Stopped
from contests import receipts
from contests.converting import Claim

_CHUNK = 1024**2


def keep(claim: Claim, source: Path, stop: threading.Event) -> None:
    """Note the digest of a source that has been fetched, whatever comes of converting it.

    Raises Stopped once `stop` is set.
    """
    if claim.source_digest:
        return
    digest = hashlib.sha256()
    with source.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if stop.is_set():
                raise Stopped
            digest.update(chunk)
    receipts.note_digest(claim.entry_id, digest.hexdigest())
    connection.close()  # conversions are long; what comes after must not find it dead
