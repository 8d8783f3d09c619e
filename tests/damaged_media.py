"""Files that lost their end or some of their bytes, of every container and the usual codecs.

`FILES` names them; `cut()` and `rotten()` damage one, the same way every time.
"""

import functools
import random

from tests import media

SECONDS = 3
_INPUTS = f"-f lavfi -i testsrc2=size=160x120:rate=25:duration={SECONDS}"
_INPUTS += f" -f lavfi -i sine=duration={SECONDS}"
_X264 = "-c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p"
FILES = {
    "flv": "-c:v flv -c:a libmp3lame -f flv",
    "flv_h264": f"{_X264} -c:a aac -f flv",
    "wmv": "-c:v wmv2 -c:a wmav2 -f asf",
    "avi": "-c:v mpeg4 -bf 2 -c:a libmp3lame -f avi",
    "avi_mjpeg": "-c:v mjpeg -c:a pcm_s16le -f avi",
    "mp4": f"{_X264} -c:a aac -f mp4",
    "mp4_front": f"{_X264} -c:a aac -movflags +faststart -f mp4",
    "mkv": f"{_X264} -c:a aac -f matroska",
    "webm": "-c:v libvpx -deadline realtime -cpu-used 8 -c:a libvorbis -f webm",
    "rm": "-s 176x144 -c:v rv10 -c:a ac3 -f rm",
    "mxf": "-c:v mpeg2video -c:a pcm_s16le -ar 48000 -f mxf",
    "ts": "-c:v mpeg2video -c:a mp2 -f mpegts",
    "ts_h264": f"{_X264} -c:a ac3 -f mpegts",
    "mpg": "-c:v mpeg2video -c:a mp2 -f mpeg",
    "ogv": "-c:v libtheora -c:a libvorbis -f ogg",
    "dv": "-s 720x576 -c:v dvvideo -pix_fmt yuv420p -c:a pcm_s16le -ar 48000 -ac 2 -f dv",
}
KEPT = (0.01, 0.1, 0.5, 0.9, 0.99)  # shares of a file that was cut off
ROTTEN = (0.001, 0.01)  # shares of the bytes


@functools.cache
def whole(name: str) -> bytes:
    """One of FILES, undamaged."""
    return media.made(f"whole_{name}", *_INPUTS.split(), *FILES[name].split()).read_bytes()


def cut(name: str, kept: float) -> bytes:
    """The first part of one of FILES."""
    content = whole(name)
    return content[: int(len(content) * kept)]


def rotten(name: str, share: float) -> bytes:
    """One of FILES with so many of its bytes, anywhere, replaced by chance."""
    content = bytearray(whole(name))
    dice = random.Random(f"{name} {share}")
    for _ in range(int(len(content) * share)):
        content[dice.randrange(len(content))] = dice.randrange(256)
    return bytes(content)
