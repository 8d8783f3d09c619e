"""What a container's own bytes say about itself, where ffmpeg keeps quiet.

ffmpeg reads a file that was cut off as if it were short, and exits with 0. Headers lie about
durations too, so a short file is called truncated only when its container says bytes are missing.
Only a few fixed-size fields are read; nothing here trusts a length beyond comparing it.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

_HEAD = 64 << 10
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_FILE_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_ASF_ENCRYPTION = (
    bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e"),
    bytes.fromhex("14e68a292226174cb935dae07ee9289c"),
)
_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")
_MAGIC = (
    *(b"FLV\x01", _ASF, b"\x1aE\xdf\xa3", b"OggS", b"\x00\x00\x01\xba", b".RMF", b"\x1f\x07\x00"),
    b"\x06\x0e\x2b\x34",
)


def looks_like_media(path: Path) -> bool:
    """Whether the file begins as one of the containers we accept does."""
    head = _read(path, 0, 512)
    is_avi = head[:4] == b"RIFF" and head[8:12] == b"AVI "
    is_ts = head[:1] == b"\x47" and head[188:189] == b"\x47"
    return is_avi or is_ts or head[4:8] in _BOXES or head.startswith(_MAGIC)


def cut_short(path: Path) -> bool:
    """Whether the container says that its end is missing. Where it says nothing: False."""
    size = path.stat().st_size
    head = _read(path, 0, _HEAD)
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        claimed: int = struct.unpack_from("<I", head, 4)[0]
        return size < claimed + 8 < 1 << 32  # 0 and ffffffff: the recorder never filled it in
    if head.startswith(_ASF):
        at = head.find(_ASF_FILE_PROPERTIES)
        return (
            at >= 0 and len(head) >= at + 48 and size < struct.unpack_from("<Q", head, at + 40)[0]
        )
    if head.startswith(b"FLV\x01"):
        return not _ends_with_flv_tag(path, size)
    if head[4:8] in _BOXES:
        return any(end > size for _, end in boxes(path))
    return False


def asf_encrypted(path: Path) -> bool:
    """Whether an ASF (WMV) header announces protected content."""
    head = _read(path, 0, _HEAD)
    return head.startswith(_ASF) and any(guid in head for guid in _ASF_ENCRYPTION)


def moov_in_front(path: Path) -> bool:
    """Whether an MP4's index comes before its media, so that playing can start at once."""
    names = [name for name, _ in boxes(path)]
    return b"moov" in names and b"mdat" in names and names.index(b"moov") < names.index(b"mdat")


def boxes(path: Path) -> Iterator[tuple[bytes, int]]:
    """The top-level boxes of an MP4 or MOV: (name, offset in bytes where it claims to end)."""
    size = path.stat().st_size
    start = 0
    for _ in range(1000):  # real files have a dozen, fragmented ones hundreds
        head = _read(path, start, 16)
        if len(head) < 8:
            return
        length = struct.unpack(">I", head[:4])[0]
        if length == 1 and len(head) == 16:
            length = struct.unpack(">Q", head[8:])[0]
        end = size if length == 0 else start + length
        yield head[4:8], end
        if length != 0 and length < 8:
            return
        start = end


def _ends_with_flv_tag(path: Path, size: int) -> bool:
    """Each FLV tag is followed by its own length: the last four bytes lead back to a tag."""
    if size < 4:
        return False
    length = struct.unpack(">I", _read(path, size - 4, 4))[0]
    if not 11 <= length <= size - 4:
        return False
    tag = _read(path, size - 4 - length, 4)
    return tag[0] in (8, 9, 18) and int.from_bytes(tag[1:4], "big") == length - 11


def _read(path: Path, offset: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)
