"""The clips that are measured, made by ffmpeg on the spot."""

import subprocess
from pathlib import Path

from tests.bench import camera

_TEN_MEGABYTES = 10 * 1000 * 1000
_HEVC = "libx265 -preset superfast -x265-params log-level=error -tag:v hvc1"
_H264 = "libx264 -preset veryfast -profile:v high"
_SMALL, _CIF, _VGA = "scale=640:360", "crop=1440:1080,scale=352:288", "crop=1440:1080,scale=640:480"
_HALF = "scale=1280:720"
_TV = "scale=720:576,setsar=64/45,interlace=scan"  # two pictures woven into one
_LENGTH = 20  # seconds; what is sent lasts minutes, but a bench must end some day
# What participants send, all from the same film: file name, filters, picture, sound.
SENT = (
    ("movie_maker.wmv", _HALF, "wmv2 -b:v 4M", "wmav2"),
    ("webcam.flv", "scale=480:270", "flv1 -b:v 700k", "libmp3lame -ar 44100"),
    ("divx.avi", _SMALL, "mpeg4 -vtag DX50 -bf 2 -b:v 1500k", "libmp3lame"),
    ("compact.avi", _VGA, "mjpeg -pix_fmt yuvj422p -q:v 5", "pcm_s16le"),
    ("stream.flv", _HALF, f"{_H264} -b:v 2M -g 50", "aac"),
    ("phone.mp4", "null", f"{_H264} -b:v 12M -g 25", "aac"),
    ("camcorder.mpg", f"{_TV}=tff", "mpeg2video -flags +ildct+ilme -b:v 6M", "mp2"),
    ("old_phone.3gp", _CIF, "h263 -r 12.5 -b:v 300k", "aac -ac 1"),
    ("recorder.webm", _HALF, "libvpx -deadline realtime -cpu-used 4 -b:v 2M", "libvorbis"),
    ("phone.mov", "null", f"{_HEVC} -b:v 8M", "aac"),
    ("tape.dv", f"{_TV}=bff", "dvvideo -pix_fmt yuv420p", "pcm_s16le -ac 2 -ar 48000"),
    ("desktop.ogv", _SMALL, "libtheora -b:v 1500k", "libvorbis"),
)


def wmv(folder: Path, seconds: int = 60) -> Path:
    """720p WMV2 and WMA: a test picture, as nothing of the encoder's is measured with it."""
    path = folder / f"{seconds}.wmv"
    _test_picture(path, seconds, "-c:v", "wmv2", "-b:v", "4M", "-c:a", "wmav2")
    return path


def flv(folder: Path) -> Path:
    """10 MB of 720p H.264 and AAC in FLV: 45 seconds at 1.8 Mbit/s."""
    path = folder / "bench.flv"
    _test_picture(path, 45, "-c:v", *_H264.split(), "-b:v", "1650k", "-c:a", "aac", "-b:a", "128k")
    size = path.stat().st_size
    if not 0.9 * _TEN_MEGABYTES < size < 1.1 * _TEN_MEGABYTES:
        raise AssertionError(f"{path.name} has {size} bytes")
    return path


def sent(film: Path, *names: str) -> list[Path]:
    """Those of SENT, made from camera.film(), again from its beginning where it ends."""
    words = ["-stream_loop", "-1", "-i", str(film)]
    for name, filters, picture, sound in SENT:
        if name in names:
            coded = f"-vf {filters},format=yuv420p -r 25 -c:v {picture} -c:a {sound}"
            words += ["-t", str(_LENGTH), *coded.split(), str(film.with_name(name))]
    _ffmpeg(*words)
    return [film.with_name(name) for name in names]


def long_mp4(film: Path, seconds: int) -> Path:
    """720p H.264 and AAC at 4 Mbit/s with a keyframe a second, as phones write: the film over
    and over."""
    short, path = film.with_name("short.mp4"), film.with_name("long.mp4")
    options = f"-vf {_HALF} -r 25 -c:v {_H264} -b:v 4M -g 25 -c:a aac"
    _ffmpeg("-i", str(film), "-t", str(camera.SECONDS), *options.split(), str(short))
    _ffmpeg("-stream_loop", "-1", "-i", str(short), "-t", str(seconds), "-c", "copy", str(path))
    return path


def _test_picture(path: Path, seconds: int, *options: str) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25")
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100")
    _ffmpeg(*picture, *tone, "-t", str(seconds), *options, str(path))


def _ffmpeg(*words: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *words], check=True)
