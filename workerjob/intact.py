"""What a container's own bytes say about itself, where ffmpeg keeps quiet.

ffmpeg reads a file that was cut off as if it were short, and exits with 0. Headers lie about
durations too, so a short file is called truncated only when its container says bytes are missing.
Only a few fixed-size fields are read; nothing here trusts a length beyond comparing it.
"""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

_HEAD = 64 << 10
_INDEX = 16 << 20
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_FILE_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_ASF_PACKET = b"\x82\x00\x00"
_ASF_LEAST_PACKET = 500  # bytes; less is no real file's, and would be many to look at
_ASF_ENCRYPTION = (
    bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e"),
    bytes.fromhex("14e68a292226174cb935dae07ee9289c"),
)
_MP4_ENCRYPTION = (b"encv", b"enca", b"drmi", b"drms")
_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")
_MAGIC = (
    *(b"FLV\x01", _ASF, b"\x1aE\xdf\xa3", b"OggS", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3"),
    *(b".RMF", b"\x1f\x07\x00", b"\x06\x0e\x2b\x34"),
)


def looks_like_media(path: Path) -> bool:
    """Whether the file begins as one of the containers we accept does."""
    head = _read(path, 0, 512)
    is_avi = head[:4] == b"RIFF" and head[8:12] == b"AVI "
    is_ts = head[:1] == b"\x47" and head[188:189] == b"\x47"
    return is_avi or is_ts or head[4:8] in _BOXES or head.startswith(_MAGIC)


def cut_short(path: Path) -> bool:
    """Whether the container says that its end is missing. Where it says nothing: False."""
    if _read(path, 0, 4) == b"FLV\x01":
        return not _ends_with_flv_tag(path, path.stat().st_size)
    return missing(path) > 0


def missing(path: Path) -> float:
    """The share of the file, 0 to 1, that its header counts but that is not there."""
    claimed = _claimed_bytes(path)
    size = path.stat().st_size
    return 1 - size / claimed if claimed > size else 0.0


def _claimed_bytes(path: Path) -> int:
    """How long a container says it is, in bytes; 0 where it does not say."""
    head = _read(path, 0, _HEAD)
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        claimed = int.from_bytes(head[4:8], "little")
        return 0 if claimed == 0xFFFFFFFF else claimed + 8  # that: the recorder never filled it in
    if head.startswith(_ASF):
        at = head.find(_ASF_FILE_PROPERTIES)
        return int.from_bytes(head[at + 40 : at + 48], "little") if at >= 0 else 0
    if head[4:8] in _BOXES:
        # Only boxes we know: cameras append their own things, which need be no boxes at all.
        return max((end for name, _, end in boxes(path) if name in _BOXES), default=0)
    for begins, claimed_in in _CLAIMS.items():
        if head.startswith(begins):
            return claimed_in(path, head)
    return 0


def _matroska_claim(path: Path, head: bytes) -> int:
    """Where the one Segment ends; 0 when its size is left open, as live recorders do."""
    at = head.find(b"\x18\x53\x80\x67") + 4
    if at < 4 or len(head) < at + 8:
        return 0
    length = 9 - head[at].bit_length()  # leading zeros of the first byte tell how many follow
    if length > 8:
        return 0
    size = int.from_bytes(head[at : at + length], "big") & ((1 << 7 * length) - 1)
    return 0 if size == (1 << 7 * length) - 1 else at + length + size


def _real_claim(path: Path, head: bytes) -> int:
    """Where the DATA chunk ends, to which the properties point."""
    at = head.find(b"PROP")
    start = int.from_bytes(head[at + 42 : at + 46], "big") if at > 0 else 0
    chunk = _read(path, start, 8)
    return start + int.from_bytes(chunk[4:], "big") if chunk[:4] == b"DATA" else 0


def _mxf_claim(path: Path, head: bytes) -> int:
    """Where the footer begins, as the first partition says; at least its key must be there."""
    if len(head) < 64:
        return 0
    at = 17 + (head[16] & 0x7F if head[16] & 0x80 else 0)  # past the key and its length
    footer = int.from_bytes(head[at + 24 : at + 32], "big")
    return footer + 16 if footer else 0


_CLAIMS: dict[bytes, Callable[[Path, bytes], int]] = {
    b"\x1aE\xdf\xa3": _matroska_claim,
    b".RMF": _real_claim,
    b"\x06\x0e\x2b\x34": _mxf_claim,
}


def ends_abruptly(path: Path) -> bool:
    """Whether a container that never says how long it is stops in the middle of a unit of it."""
    size = path.stat().st_size
    head = _read(path, 0, 200)
    if head[:1] == b"\x47" and head[188:189] == b"\x47":
        return size % 188 != 0
    if head[4:5] == b"\x47" and head[196:197] == b"\x47":
        return size % 192 != 0
    if head[:3] == b"\x1f\x07\x00":  # DV: 10 sequences of 12000 bytes, 12 when there are 50 Hz
        return size % (144000 if head[3:4] == b"\xbf" else 120000) != 0
    if head[:4] == b"OggS":
        tail = _read(path, max(0, size - _HEAD), _HEAD)
        page = tail.rfind(b"OggS")
        return page < 0 or not tail[page + 5 : page + 6] or not tail[page + 5] & 4
    return False


def overwritten(path: Path) -> float:
    """The share of a WMV's packets, 0 to 1, that are none: a bad sector, a part never downloaded.

    All are of one size and begin with the same three bytes, which say that no error correction
    follows. ffmpeg passes over the others without a word. (That packets number their pictures
    tells nothing: real encoders skip numbers with the pictures they leave out.)
    """
    head = _read(path, 0, _HEAD)
    at = head.find(_ASF_FILE_PROPERTIES)
    least, most = (int.from_bytes(head[at + n : at + n + 4], "little") for n in (92, 96))
    if not head.startswith(_ASF) or at < 0 or least != most or most < _ASF_LEAST_PACKET:
        return 0.0
    start = int.from_bytes(head[16:24], "little")  # the data follow the header
    claimed = int.from_bytes(_read(path, start + 40, 8), "little")
    count = min(claimed, max(0, path.stat().st_size - start - 50) // most)
    with path.open("rb") as file:
        begins = [_start_of(file, start + 50 + most * number) for number in range(count)]
    return 1 - begins.count(_ASF_PACKET) / count if _ASF_PACKET in begins else 0.0


def _start_of(file: BinaryIO, at: int) -> bytes:
    file.seek(at)
    return file.read(3)


def encrypted(path: Path) -> bool:
    """Whether an ASF (WMV) header or an MP4's index announces protected content."""
    head = _read(path, 0, _HEAD)
    if head.startswith(_ASF):
        return any(guid in head for guid in _ASF_ENCRYPTION)
    if head[4:8] in _BOXES:
        index = next(((start, end) for name, start, end in boxes(path) if name == b"moov"), (0, 0))
        moov = _read(path, index[0], min(index[1] - index[0], _INDEX))
        return b"sinf" in moov and any(tag in moov for tag in _MP4_ENCRYPTION)
    return False


def moov_in_front(path: Path) -> bool:
    """Whether an MP4's index comes before its media, so that playing can start at once."""
    names = [name for name, _, _ in boxes(path)]
    return b"moov" in names and b"mdat" in names and names.index(b"moov") < names.index(b"mdat")


def boxes(path: Path) -> Iterator[tuple[bytes, int, int]]:
    """The top-level boxes of an MP4 or MOV: (name, start, claimed end), offsets in bytes."""
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
        yield head[4:8], start, end
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
