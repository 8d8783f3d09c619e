"""AVIs and MOVs made byte by byte, for what no program would write."""

import struct
import subprocess
import tempfile
import zlib
from pathlib import Path


def made(*words: str, extension: str) -> bytes:
    """What ffmpeg writes when given these words."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"made.{extension}")
        subprocess.run(["ffmpeg", "-v", "error", *words, path], check=True, capture_output=True)
        return path.read_bytes()


def colour(size: str, rate: int, seconds: float) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"color=gray:size={size}:rate={rate}:duration={seconds}")


# --- AVI, chunk by chunk --------------------------------------------------------------------------


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def avi(streams: list[tuple[bytes, bytes, int, int]], frames: list[tuple[int, bytes]]) -> bytes:
    """An AVI of streams (kind, codec, width, height) and frames (stream, bytes), 25 a second."""
    lists = b""
    for kind, codec, width, height in streams:
        head = kind + codec + struct.pack("<10I", 0, 0, 0, 1, 25, 0, len(frames), 0, 0, 0)
        form = struct.pack("<IiiHH4s5I", 40, width, height, 1, 24, codec, 0, 0, 0, 0, 0)
        body = chunk(b"strh", head + b"\0" * 8) + chunk(b"strf", form)
        lists += chunk(b"LIST", b"strl" + body)
    main = struct.pack("<14I", 40000, 0, 0, 0, len(frames), 0, len(streams), 0, 64, 64, 0, 0, 0, 0)
    movi = b"".join(chunk(b"%02ddc" % stream, frame) for stream, frame in frames)
    header = chunk(b"LIST", b"hdrl" + chunk(b"avih", main) + lists)
    return chunk(b"RIFF", b"AVI " + header + chunk(b"LIST", b"movi" + movi))


def jpeg(size: str = "320x240") -> bytes:
    return made(*colour(size, 25, 0.04), "-f", "mjpeg", extension="jpg")


def black_png(side: int) -> bytes:
    """A black picture of side × side pixels, a thousand times smaller as a file."""
    rows = zlib.compress(bytes(side * ((side + 7) // 8 + 1)), 9)
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)), (b"IDAT", rows))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in (*chunks, (b"IEND", b""))
    )


def picture_bomb(side: int, width: int, height: int) -> bytes:
    """A picture of side × side in an AVI whose header says width × height."""
    return avi([(b"vids", b"MPNG", width, height)], [(0, black_png(side))] * 3)


# --- MOV, box by box ------------------------------------------------------------------------------


def box(name: bytes, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return struct.pack(">I4s", len(body) + 8, name) + body


FTYP = box(b"ftyp", b"qt  ", struct.pack(">I", 0x200), b"qt  ")


def mov(samples: int, size: int, chunks: int = 1, elsewhere: bytes = b"") -> bytes:
    """A MOV of Motion JPEG whose index counts so many samples, of so many bytes, in each chunk.

    All chunks lie in the same place, so a few bytes hold any number of samples. `elsewhere` is the
    box that says in which file.
    """
    side, counted = 64, samples * chunks & 0xFFFFFFFF
    zero = b"\0\0\0\0"
    matrix = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    entry = (
        b"\0" * 6
        + b"\0\1"
        + b"\0" * 16
        + struct.pack(">HHIIIH", side, side, 72 << 16, 72 << 16, 0, 1)
        + b"\0" * 32
        + b"\0\x18\xff\xff"
    )
    table = box(
        b"stbl",
        box(b"stsd", zero, b"\0\0\0\1", box(b"jpeg", entry)),
        box(b"stts", zero, struct.pack(">III", 1, counted, 1)),
        box(b"stsc", zero, struct.pack(">IIII", 1, 1, samples, 1)),
        box(b"stsz", zero, struct.pack(">II", size, counted)),
        box(b"stco", zero, struct.pack(">I", chunks), struct.pack(">I", len(FTYP) + 8) * chunks),
    )
    times = struct.pack(">IIII", 0, 0, 1000, counted)
    media_box = box(
        b"mdia",
        box(b"mdhd", zero, times, zero),
        box(b"hdlr", zero, b"mhlrvide", b"\0" * 13),
        box(b"minf", box(b"vmhd", b"\0\0\0\1" + b"\0" * 8), elsewhere, table),
    )
    head = struct.pack(">IIIII", 0, 0, 1, 0, counted) + b"\0" * 16
    sides = struct.pack(">II", side << 16, side << 16)
    trak = box(b"trak", box(b"tkhd", b"\0\0\0\7", head, matrix, sides), media_box)
    return FTYP + box(b"mdat", jpeg("64x64")) + box(b"moov", trak)


def in_another_file(kind: bytes, place: str) -> bytes:
    """A MOV without pictures that says where they are: by address ("url ") or by alias ("alis")."""
    there = place.encode() + b"\0"
    if kind == b"alis":
        # Of Macintosh's many fields these are read: one folder up, one down, and the path (2).
        path = struct.pack(">HH", 2, len(there)) + there + b"\0" * (len(there) % 2)
        there = bytes(130) + struct.pack(">HH16x", 1, 1) + path + b"\xff\xff\0\0"
    named = box(b"dref", b"\0\0\0\0\0\0\0\1", box(kind, b"\0\0\0\0", there))
    picture = jpeg("64x64")
    return mov(1, len(picture), 25, elsewhere=box(b"dinf", named)).replace(
        picture, bytes(len(picture))
    )


def compressed_index(index: bytes, claimed: int) -> bytes:
    """A MOV whose index is packed by zlib, as old QuickTime did, and claims another size."""
    packed = box(b"cmvd", struct.pack(">I", claimed), zlib.compress(index, 9))
    return FTYP + box(b"moov", box(b"cmov", box(b"dcom", b"zlib"), packed))


def nested_boxes(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = box(b"moov", inner)
    return FTYP + inner
