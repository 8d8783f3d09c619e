"""Files made to hurt whoever opens them, each with what it must end in.

`CASES` names them; `make(name, folder)` writes one. `python -m tests.hostile_media` converts each
and prints the table of tests/bench/README.md: how it ended, its seconds and its peak memory.
"""

import json
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from tests import media
from tests.containers import (
    FTYP,
    avi,
    box,
    colour,
    compressed_index,
    jpeg,
    made,
    mov,
    nested_boxes,
    picture_bomb,
)
from tests.processes import descendants, memory

ROOT = Path(__file__).resolve().parents[1]
CONVERTED = "converted"
SECRET = b"<script>alert(document.cookie)</script>"
PLACE = b"+40.4168-003.7038/"
MB = 1 << 20

# Texts that name what a player should open instead; {} is where it is.
PLAYLISTS = {
    "m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n",
    "ffconcat": "ffconcat version 1.0\nfile '{}'\nduration 9\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"'
    ' profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet>'
    '<Representation id="1" bandwidth="9"><BaseURL>{}</BaseURL></Representation>'
    "</AdaptationSet></Period></MPD>",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns={}\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "pls": "[playlist]\nNumberOfEntries=1\nFile1={}\nLength1=9\nVersion=2\n",
}


def subtitle_bomb() -> bytes:
    """An AVI whose subtitles are a playlist, which ffmpeg would open as it opens files."""
    text = PLAYLISTS["m3u8"].format("http://127.0.0.1:9/").encode()
    body = b"GAB2\0" + struct.pack("<HI", 2, 2) + b"\0\0" + struct.pack("<HI", 4, len(text)) + text
    streams = [(b"vids", b"MJPG", 320, 240), (b"txts", b"\0\0\0\0", 0, 0)]
    return avi(streams, [(1, body), *[(0, jpeg())] * 25])


def gap(hours: int) -> bytes:
    """Two seconds of video with a hole of hours in the middle."""
    jump = f"setpts='PTS+if(gt(N,25),{hours * 3600}/TB,0)'"
    words = (*colour("320x240", 25, 2), "-vf", jump, "-fps_mode", "vfr", "-c:v", "mjpeg")
    return made(*words, extension="mkv")


def liar() -> bytes:
    content = media.clip("flv_h264_aac").read_bytes()
    at = content.index(b"duration\x00") + len(b"duration\x00")
    return content[:at] + struct.pack(">d", 143165.0) + content[at + 8 :]


def in_fragments() -> bytes:
    """An MP4 that stays whole whatever is put before it."""
    flags = "frag_keyframe+empty_moov+default_base_moof"
    words = ("-i", str(media.clip("mp4")), "-c", "copy", "-movflags", flags)
    return made(*words, extension="mp4")


def zipped() -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("page.html", SECRET)
    return held.getvalue()


def tagged() -> bytes:
    """Scripts and a place as metadata of file, streams and chapters, and in every picture."""
    tags = ("title", "comment", "artist", "location", "handler_name")
    words = [word for tag in tags for word in ("-metadata", f"{tag}={(SECRET + PLACE).decode()}")]
    streams = [word.replace("-metadata", "-metadata:s:v") for word in words]
    copy = ("-c", "copy", "-movflags", "use_metadata_tags")
    return made("-i", str(media.clip("mp4")), *copy, *words, *streams, extension="mp4")


def exif() -> bytes:
    """Motion JPEG whose pictures say where they were taken."""
    note = b"Exif\0\0" + SECRET + PLACE
    picture = jpeg()
    picture = picture[:2] + b"\xff\xe1" + struct.pack(">H", len(note) + 2) + note + picture[2:]
    return avi([(b"vids", b"MJPG", 320, 240)], [(0, picture)] * 25)


def streams(kind: str, count: int, extension: str = "mkv") -> bytes:
    tone = ("-f", "lavfi", "-i", "sine=duration=1")
    both = (*colour("64x48", 25, 1), *tone, "-map", "0", "-map", "1")
    return made(*both, *("-map", kind) * (count - 1), "-c:v", "mpeg4", extension=extension)


def still(size: str, rate: int, seconds: float) -> bytes:
    x264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "9999")
    return made(*colour(size, rate, seconds), *x264, extension="mp4")


def repeated(size: str, rate: int, seconds: int, times: int) -> bytes:
    """The same again and again, made in the time of one."""
    with tempfile.TemporaryDirectory() as folder:
        once = Path(folder, "once.mp4")
        once.write_bytes(still(size, rate, seconds))
        looped = ("-stream_loop", str(times - 1), "-i", str(once), "-c", "copy")
        return made(*looped, extension="mp4")


def deep() -> bytes:
    """A few kilobytes that decode to pictures of 54 MB each, of which HEVC keeps several."""
    x265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none")
    return made(*colour("4096x2304", 25, 0.6), "-pix_fmt", "yuv444p10le", *x265, extension="mp4")


ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHI", 2, 62, 1) + bytes(500)
HTML = b"<!DOCTYPE html><html><body>" + SECRET + b"</body></html>\n"

# name: (how it is made, what it must end in: a refusal's code or CONVERTED)
CASES: dict[str, tuple[Callable[[], bytes], str]] = {
    "picture of 30000 × 30000": (lambda: picture_bomb(30000, 30000, 30000), "no_frames"),
    "header 64 × 64, body 16000 × 16000": (
        lambda: picture_bomb(16000, 64, 64),
        "too_large_picture",
    ),
    "header 30000 × 30000, body 64 × 64": (lambda: picture_bomb(64, 30000, 30000), CONVERTED),
    "7680 × 4320 at 60": (lambda: still("7680x4320", 60, 0.1), "too_large_picture"),
    "4096 × 2304 at 60, still": (lambda: repeated("4096x2304", 60, 15, 2), "too_heavy"),
    "4096 × 2304 in 10 bits 4:4:4": (deep, "too_heavy"),
    "playlist as AVI subtitles": (subtitle_bomb, CONVERTED),
    "index of 100 MB of zeros": (lambda: compressed_index(bytes(100 * MB), 100 * MB), "no_video"),
    "index of 100 MB of boxes": (
        lambda: compressed_index(box(b"moov", box(b"trak") * (12 * MB)), 100 * MB),
        "unsupported_format",
    ),
    "index that claims 4 GB": (lambda: compressed_index(bytes(1000), 0xFFFFFFF0), "too_heavy"),
    "10,000 boxes in each other": (lambda: nested_boxes(10_000), "damaged"),
    "box of 2^63 bytes": (
        lambda: FTYP + struct.pack(">I4sQ", 1, b"moov", (1 << 63) - 1) + bytes(99),
        "no_video",
    ),
    "16 million samples": (lambda: mov(500, 1, 32_000), "no_frames"),
    "2 million samples": (lambda: mov(500, 1, 4_000), "too_heavy"),
    "4 thousand million samples": (lambda: mov(0xFFFFFFFF, 1), "no_frames"),
    "20 audio streams": (lambda: streams("1", 20), CONVERTED),
    # In an MKV ffmpeg 7 takes the first 48 instead.
    "60 video streams": (lambda: streams("0", 60, "mov"), "unsupported_format"),
    "gap of 10 hours": (lambda: gap(10), "too_long"),
    "gap of 3 hours": (lambda: gap(3), CONVERTED),
    "2 hours of black at 1 a second": (lambda: still("320x240", 1, 7200), CONVERTED),
    "claims 143,165 s": (liar, CONVERTED),
    "MP4 and ZIP": (lambda: media.clip("mp4").read_bytes() + zipped(), CONVERTED),
    "HTML in an MP4": (lambda: box(b"free", HTML) + in_fragments(), CONVERTED),
    "HTML and MP4": (lambda: HTML + media.clip("mp4").read_bytes(), "not_media"),
    "ELF and MP4": (lambda: ELF + media.clip("mp4").read_bytes(), "not_media"),
    "ZIP": (zipped, "not_media"),
    "scripts and a place as metadata": (tagged, CONVERTED),
    "scripts and a place in the pictures": (exif, CONVERTED),
}


def make(name: str, folder: Path) -> Path:
    """Write the hostile file of this name into a folder."""
    path = folder / "hostile.avi"
    path.write_bytes(CASES[name][0]())
    return path


def converted(source: Path, outdir: Path) -> tuple[str, float, int]:
    """Convert as the worker does: a refusal's code or CONVERTED, seconds, peak memory in bytes.

    The memory is that of the largest ffmpeg or ffprobe, libraries included.
    """
    words = [sys.executable, "-m", "workerjob", "convert", str(source), str(outdir)]
    started = time.monotonic()
    peak = 0
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as process:
        while process.poll() is None:
            peak = max([peak, *(memory(pid, "VmHWM") for pid in descendants(process.pid))])
            time.sleep(0.005)
        assert process.stdout
        answer = json.loads(process.stdout.read())
    ended = CONVERTED if answer["ok"] else answer.get("reason") or answer["error"]
    return ended, time.monotonic() - started, peak


def main() -> None:
    """Print the table."""
    print("| file | bytes | ends in | seconds | peak memory |\n|---|---|---|---|---|")
    for name in CASES:
        with tempfile.TemporaryDirectory() as folder:
            path = make(name, Path(folder))
            size = path.stat().st_size
            ended, seconds, peak = converted(path, Path(folder, "out"))
        print(f"| {name} | {size:,} | {ended} | {seconds:.1f} | {peak // MB} MB |", flush=True)


if __name__ == "__main__":
    main()
