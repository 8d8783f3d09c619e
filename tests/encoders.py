"""One short clip of every encoder and container that this ffmpeg can write, made when asked for.

`encoders()` and `CONTAINERS` say what there is to try; `clip()` makes one, or returns None when the
container does not take the codec or the encoder is only a shell around missing hardware;
`first_clip()` looks for a container.

`python -m tests.bench.refusals` converts them all and counts what becomes of them.
"""

import re
import subprocess
from pathlib import Path

# Our containers, by the names of ffmpeg's muxers.
CONTAINERS = (
    *("avi", "mov", "mp4", "3gp", "3g2", "matroska", "webm", "flv", "f4v", "asf", "mpeg", "vob"),
    *("mpegts", "ogg", "dv", "mxf", "mxf_d10", "rm"),
)
# They need a device, or write what no video file holds, such as files of one still picture.
_LEFT_OUT = re.compile(
    r"_(nvenc|qsv|vaapi|v4l2m2m|omx|cuvid|amf|mf|vulkan)$"
    r"|^(wrapped_avframe|a64.*|librav1e|libsvtav1|roqvideo|bitpacked|adpcm_ima_amv|roq_dpcm)$"
    r"|^(alias_pix|apng|libjxl|libwebp|pbm|pcx|pgm|pgmyuv|qoi|sunrast|vbn|xbm|xface)$"
)
# Where those are at home that AVI does not take: each attempt costs a tenth of a second.
_HOMES = {
    name: home
    for home, names in {
        "flv": "flashsv2",
        "mov": "avui gif libx265 qtrle sgi tiff adpcm_ima_qt alac libgsm nellymoser pcm_f32be"
        " pcm_f64be pcm_s16be pcm_s24be pcm_s32be pcm_s8",
        "mp4": "libopus opus truehd",
        "mpeg": "pcm_dvd",
        "mpegts": "adpcm_adx adpcm_argo adpcm_ima_alp adpcm_ima_apm adpcm_ima_ssi adpcm_ima_ws aptx"
        " aptx_hd comfortnoise g726le libcodec2 pcm_bluray pcm_s16be_planar pcm_s16le_planar"
        " pcm_s24daud pcm_s24le_planar pcm_s32le_planar pcm_s64be pcm_s8_planar pcm_u16be"
        " pcm_u16le pcm_u24be pcm_u24le pcm_u32be pcm_u32le pcm_vidc s302m sbc",
        "matroska": "mlp real_144 tta wavpack",
        "rm": "rv10 rv20",
    }.items()
    for name in names.split()
}
# What an encoder insists on, besides its pixel format, which ffmpeg picks.
_WISHES = {
    "avui": "-s 720x576",
    "cfhd": "-s 320x240",
    "cinepak": "-s 64x48 -r 5",
    "dnxhd": "-s 1280x720 -pix_fmt yuv422p -profile:v dnxhr_sq",
    "dvvideo": "-s 720x576 -pix_fmt yuv420p",
    "h261": "-s 352x288",
    "h263": "-s 352x288",
    "libaom-av1": "-cpu-used 8 -s 64x48 -r 5",
    "libvpx": "-deadline realtime -cpu-used 8",
    "libvpx-vp9": "-deadline realtime -cpu-used 8",
    "libx264": "-preset ultrafast",
    "libx264rgb": "-preset ultrafast",
    "libx265": "-preset ultrafast -x265-params log-level=error",
    "mxf_d10": "-s 720x576 -c:v mpeg2video -pix_fmt yuv422p -b:v 30M -minrate 30M -maxrate 30M",
    "rpza": "-s 320x240 -pix_fmt rgb555",
    "rv10": "-s 176x144",
    "snow": "-s 64x48",
    "vc2": "-s 320x240",
    "xface": "-s 48x48",
    "amrnb": "-ar 8000 -ac 1",
    "g723_1": "-ar 8000 -ac 1 -b:a 6300",
    "libgsm": "-ar 8000 -ac 1",
    "libgsm_ms": "-ar 8000 -ac 1",
    "nellymoser": "-ar 22050 -ac 1",
    "libspeex": "-ar 16000 -ac 1",
    "g726": "-ar 8000 -ac 1",
    "g726le": "-ar 8000 -ac 1",
    "g722": "-ar 16000 -ac 1",
    "real_144": "-ar 8000 -ac 1",
    "adpcm_swf": "-ar 22050",
    "s302m": "-ar 48000 -ac 2",
    "comfortnoise": "-ar 8000 -ac 1",
    "vorbis": "-ac 2",
}
_PICTURE = "-f lavfi -i testsrc2=size=160x120:rate=25:duration={}"
_SOUND = "-f lavfi -i sine=frequency=440:sample_rate=44100:duration={}"


def encoders(kind: str) -> list[str]:
    """The names of this ffmpeg's encoders for "video" or "audio"."""
    done = subprocess.run(["ffmpeg", "-hide_banner", "-encoders"], capture_output=True, text=True)
    found = re.findall(rf"^ {kind[0].upper()}[A-Z.]{{5}} (\S+)", done.stdout, re.MULTILINE)
    return [name for name in found if name != "=" and not _LEFT_OUT.search(name)]


def clip(folder: Path, kind: str, encoder: str, container: str, seconds: float = 1) -> Path | None:
    """A clip of one encoder in one container; None when ffmpeg cannot make it."""
    path = folder / f"{encoder}.{container}"
    words = _PICTURE.format(seconds).split()
    wish = _WISHES.get(encoder, "")
    if kind == "video":
        words += ["-c:v", encoder]
    else:
        words += [*_SOUND.format(seconds).split(), "-c:a", encoder]
        words += ["-c:v", _usual(container)]
    words += [*wish.split(), *_WISHES.get(container, "").split(), "-strict", "-2", "-f", container]
    done = subprocess.run(["ffmpeg", "-v", "error", "-y", *words, path], capture_output=True)
    return path if done.returncode == 0 and decodes(path) else None


def first_clip(folder: Path, kind: str, encoder: str) -> Path | None:
    """A clip of one encoder in the first container that takes it, its home before all others."""
    boxes = dict.fromkeys([_HOMES.get(encoder, CONTAINERS[0]), *CONTAINERS])
    made = (clip(folder, kind, encoder, box) for box in boxes)
    return next((path for path in made if path), None)


def _usual(container: str) -> str:
    return {"webm": "libvpx", "asf": "wmv2", "ogg": "libtheora", "flv": "flv", "rm": "rv10"}.get(
        container, "mpeg2video" if container in ("mpeg", "vob", "mpegts", "mxf") else "mpeg4"
    )


def decodes(path: Path) -> bool:
    """Whether ffmpeg, unguarded, gets at least one picture out of a file's first video stream."""
    words = ["-v", "error", "-stats", "-i", path, "-map", "0:V:0", "-f", "null", "-"]
    done = subprocess.run(["ffmpeg", *map(str, words)], capture_output=True)
    frames = re.findall(rb"frame= *(\d+)", done.stderr)
    return done.returncode == 0 and bool(frames) and int(frames[-1]) > 0
