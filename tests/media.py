"""Small clips for tests, made by ffmpeg's own encoders when first asked for.

`clip(name)` returns the path of a clip of CLIPS; treat it as read-only: a test that damages a file
works on a copy. Everything is 2 seconds of a test picture (320x240 unless its recipe says
otherwise) with a tone, and disappears with the test process.

All processes of one run of the tests share them: each is made once.
"""

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

SECONDS = 2
_SHARED = "TESTS_CLIPS"  # the variable that tells the folder to the processes we start
_TONE = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100")


def _picture(size: str = "320x240", rate: str = "25") -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}")


_BOTH = (*_picture(), *_TONE)
_X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
# ultrafast writes Constrained Baseline; what cameras write is High.
_HIGH = ("-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-pix_fmt", "yuv420p")
_AAC = ("-c:a", "aac", "-b:a", "96k")

_SUBTITLES = b"1\n00:00:00,000 --> 00:00:01,000\nhello\n"  # read by clips that ask for "-"

# name: (extension, ffmpeg's inputs and options)
CLIPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "flv_sorenson_mp3": ("flv", (*_BOTH, "-c:v", "flv1", "-c:a", "libmp3lame")),
    "flv_h264_aac": ("flv", (*_BOTH, *_HIGH, *_AAC)),
    "wmv1": ("wmv", (*_BOTH, "-c:v", "wmv1", "-c:a", "wmav1")),
    "wmv2": ("wmv", (*_BOTH, "-c:v", "wmv2", "-c:a", "wmav2")),
    "wmv2_long": ("wmv", (*_picture("1280x720"), *_TONE, "-t", "20", "-c:v", "wmv2")),
    "avi_xvid_mp3": (
        "avi",
        (*_BOTH, "-c:v", "mpeg4", "-vtag", "XVID", "-bf", "2", "-c:a", "libmp3lame"),
    ),
    "avi_mjpeg_pcm": ("avi", (*_BOTH, "-c:v", "mjpeg", "-c:a", "pcm_s16le")),
    "avi_dv": (
        "avi",
        (
            *_picture("720x576"),
            *_TONE,
            "-aspect",
            "4:3",
            "-c:v",
            "dvvideo",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "pcm_s16le",
        ),
    ),
    "mp4": ("mp4", (*_BOTH, *_HIGH, *_AAC)),
    "mkv": ("mkv", (*_BOTH, *_HIGH, *_AAC)),
    "mkv_h264_opus": ("mkv", (*_BOTH, *_HIGH, "-c:a", "libopus", "-b:a", "64k")),
    "webm": (
        "webm",
        (*_BOTH, "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"),
    ),
    "odd_size": ("avi", (*_picture("321x241"), *_TONE, "-c:v", "mpeg4", "-c:a", "libmp3lame")),
    "wide_pixels": ("mp4", (*_BOTH, "-vf", "setsar=4/3", *_HIGH, *_AAC)),
    "no_audio": ("mp4", (*_picture(), *_HIGH)),
    "ten_bit": ("mkv", (*_picture(), *_X264, "-pix_fmt", "yuv420p10le")),
    # Every third picture is missing, then a hole of half a second.
    "variable_rate": (
        "mkv",
        (
            *_BOTH,
            *("-vf", "select='lt(mod(n,3),2)*not(between(t,1,1.5))'", "-fps_mode", "vfr"),
            *("-c:v", "mpeg4", "-c:a", "libvorbis"),
        ),
    ),
    "fast_120": ("mp4", (*_picture(rate="120"), *_HIGH)),
    "large_1440p": ("mp4", (*_picture("2560x1440", "10"), *_X264)),
    "black": ("mp4", ("-f", "lavfi", "-i", "color=black:size=320x240:rate=25", *_HIGH)),
    "too_large": ("avi", (*_picture("5000x5000", "5"), "-t", "0.2", "-c:v", "mjpeg")),
    "magicyuv": ("avi", (*_picture("64x64"), "-c:v", "magicyuv")),
    # Pictures to begin at that say so only in a note beside them.
    "open_groups": ("mp4", (*_picture(), *_HIGH, "-x264-params", "keyint=25:open-gop=1")),
    "no_keyframes": ("mp4", (*_picture(), *_HIGH, "-x264-params", "keyint=25:intra-refresh=1")),
    "many_tracks": ("mkv", (*_BOTH, "-map", "0", *("-map", "1") * 20, "-c:v", "mpeg4")),
    "many_pictures": (
        "mov",
        (*_picture("64x64"), "-t", "0.2", *("-map", "0") * 60, "-c:v", "mpeg4"),
    ),
    "subtitles": (
        "mkv",
        (*_BOTH, "-f", "srt", "-i", "-", "-map", "0", "-map", "1", "-map", "2", *_HIGH, *_AAC),
    ),
    "one_frame": ("avi", (*_picture(), "-frames:v", "1", "-c:v", "mpeg4")),
    "protected": (
        "mp4",
        (
            *(*_picture(), *_HIGH, "-encryption_scheme", "cenc-aes-ctr"),
            *("-encryption_key", "00" * 16, "-encryption_kid", "11" * 16),
        ),
    ),
    "surround": ("mkv", (*_BOTH, *_HIGH, "-ac", "6", "-c:a", "ac3")),
    "full_range": ("mp4", (*_picture(), "-vf", "format=yuvj420p", *_HIGH[:-2])),
    "sound_only": ("mp4", (*_TONE, *_AAC)),
    "playlist": ("m3u8", (*_picture(), *_X264, "-f", "hls", "-hls_flags", "single_file")),
}


@functools.cache
def folder() -> Path:
    """Where the clips are: in a folder of the process that asked first, which has started ours."""
    if name := os.environ.get(_SHARED):
        return Path(name)
    made = Path(tempfile.mkdtemp(prefix="videoshare-clips-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    os.environ[_SHARED] = str(made)
    return made


@functools.cache
def clip(name: str) -> Path:
    """The clip of this name, made now if need be."""
    if name == "mov_rotated":
        return _rotated()
    extension, words = CLIPS[name]
    length = () if "-t" in words else ("-t", str(SECONDS))
    return made(f"{name}.{extension}", *words, *length)


def made(name: str, *words: str) -> Path:
    """The file of this name, which ffmpeg writes unless one of our processes had it written."""
    path = folder() / name
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=folder()) as own:
            _ffmpeg(*words, f"{own}/{name}")
            # A playlist comes after what it names; whoever finds the file finds all of it.
            for each in sorted(Path(own).iterdir(), key=lambda file: file.name == name):
                each.replace(path.with_name(each.name))
    return path


def _rotated() -> Path:
    """What a phone held upright writes: lying pictures and a display matrix that turns them."""
    name, source, copy = "mov_rotated.mov", str(clip("mp4")), ("-c", "copy")
    try:
        return made(name, "-display_rotation:v", "90", "-i", source, *copy)
    except subprocess.CalledProcessError:  # that option came after Debian 12's ffmpeg
        return made(name, "-i", source, "-metadata:s:v", "rotate=90", *copy)


def _ffmpeg(*words: str) -> None:
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", *words], check=True, capture_output=True, input=_SUBTITLES
    )


def wmv() -> Path:
    """A short WMV, the kind of file that must be transcoded."""
    return clip("wmv2")


def long_wmv() -> Path:
    """A WMV that takes some seconds to convert, so that there is time to interfere."""
    return clip("wmv2_long")
