"""ZIP archives that are sent while they are made: of any size, and never whole in memory."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any


class _Pipe(io.RawIOBase):
    """Takes what the archive writes, and hands it on."""

    def __init__(self) -> None:
        super().__init__()
        self._written: list[bytes] = []

    def writable(self) -> bool:
        """Say so; what was written can't be gone back to."""
        return True

    def write(self, data: Any) -> int:
        """Keep it until it is taken."""
        self._written.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken, self._written = b"".join(self._written), []
        return taken


def stream(members: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """Yield a ZIP archive of files, each a name and its pieces. Videos grow no smaller: stored."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        for name, pieces in members:
            # Larger than 4 GB, perhaps: nobody knows before it is read.
            with archive.open(name, "w", force_zip64=True) as file:
                for piece in pieces:
                    file.write(piece)
                    yield pipe.take()
            yield pipe.take()
    yield pipe.take()
