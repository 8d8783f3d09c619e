"""Pictures come out upright, progressive, and of the right colours.

Each test makes what it needs with ffmpeg and looks at single pixels.
"""

import re
import struct
import subprocess
from pathlib import Path

import pytest

from contests.reasons import Refused
from tests.looking import make, names, pixels, quarters, video
from workerjob.convert import convert


# (a, b, c, d) of the display matrix: what QuickTime calls the picture's transformation.
@pytest.mark.parametrize(
    "matrix, size, seen",
    [
        ((1, 0, 0, 1), (160, 120), "RGBW"),
        ((0, 1, -1, 0), (120, 160), "BRWG"),  # a quarter turn clockwise
        ((-1, 0, 0, -1), (160, 120), "WBGR"),
        ((0, -1, 1, 0), (120, 160), "GWRB"),
        ((-1, 0, 0, 1), (160, 120), "GRWB"),
        ((1, 0, 0, -1), (160, 120), "BWRG"),
        ((0, 1, 1, 0), (120, 160), "RBGW"),
        ((0, -1, -1, 0), (120, 160), "WGBR"),
    ],
)
def test_every_way_to_hold_a_camera_comes_out_upright(
    matrix: tuple[int, int, int, int], size: tuple[int, int], seen: str, tmp_path: Path
) -> None:
    source = quarters(tmp_path / "source.mp4", "-c:v", "libx264")
    turn(source, matrix)
    convert(source, tmp_path / "out")
    result = tmp_path / "out" / "video.mp4"
    assert (video(result)["width"], video(result)["height"]) == size
    assert "side_data_list" not in video(result)
    assert names(result, 2, 2) == seen
    assert names(tmp_path / "out" / "poster.jpg", 2, 2) == seen


def turn(path: Path, matrix: tuple[int, int, int, int]) -> None:
    """Write a transformation into the track header of an MP4 with one track."""
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 4 + 40  # version 0: the matrix comes 40 bytes in
    a, b, c, d = (number * 0x10000 for number in matrix)
    for position, number in enumerate((a, b, 0, c, d, 0)):
        content[at + 4 * position : at + 4 * position + 4] = number.to_bytes(4, "big", signed=True)
    path.write_bytes(content)


@pytest.mark.parametrize(
    "coding",
    [
        "-c:v libx264 -x264-params tff=1 -f mp4",
        "-c:v mpeg2video -flags +ilme+ildct -b:v 8M -f mpegts",
        "-c:v dvvideo -pix_fmt yuv420p -f dv",
        "-c:v prores_ks -pix_fmt yuv422p10le -flags +ildct -f mov",
    ],
)
def test_woven_pictures_are_unwoven(coding: str, tmp_path: Path) -> None:
    moving = ["-f", "lavfi", "-i", "testsrc2=size=720x576:rate=50:duration=1"]
    weave = ["-vf", "tinterlace=interleave_top,fieldorder=tff,setsar=16/15"]
    if "dvvideo" in coding:
        weave = ["-vf", "tinterlace=interleave_bottom,setsar=16/15"]
    source = make(tmp_path / "source", *moving, *weave, *coding.split())
    done = convert(source, tmp_path / "out")
    assert "interlaced" in done.plan.video.why or "codec" in done.plan.video.why
    assert (done.plan.width, done.plan.height) == (768, 576)
    assert combed(source) > 2 * combed(tmp_path / "out" / "video.mp4")


def combed(path: Path) -> float:
    """How different the even rows are from the odd ones, on average."""
    graph = "[0:v]format=gray,split[a][b];[a]field=top[t];[b]field=bottom[u]"
    graph += ";[t][u]blend=difference,signalstats,metadata=print:file=-[o]"
    words = ["-filter_complex", graph, "-map", "[o]", "-f", "null", "-"]
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", path, *words], capture_output=True, check=True, text=True
    )
    found = [float(n) for n in re.findall(r"signalstats\.YAVG=([\d.]+)", done.stdout)]
    return sum(found) / len(found)


COLOURS = "-f lavfi -i color=red:s=64x48:r=25:d=0.2 -f lavfi -i color=lime:s=64x48:r=25:d=0.2 "


COLOURS += "-f lavfi -i color=blue:s=64x48:r=25:d=0.2 -f lavfi -i color=gray:s=64x48:r=25:d=0.2"


AS_240M = "scale=out_color_matrix=smpte240m,format=yuv444p,setparams=colorspace=smpte240m"


AS_709 = "scale=out_color_matrix=bt709,format=yuv422p10le"


AS_709 += ",setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709"


@pytest.mark.parametrize(
    "coding, matrix",
    [
        ("scale=out_color_matrix=bt601,format=yuv420p -c:v mpeg4 -f avi", "smpte170m"),
        (
            "scale=out_color_matrix=bt601:out_range=full,format=yuvj420p -c:v mjpeg -f avi",
            "bt470bg",
        ),
        (f"{AS_709} -c:v prores_ks -f mov", "bt709"),
        (f"{AS_240M} -c:v libx264 -f mov", "bt709"),
        ("format=rgb24 -c:v png -f mov", "bt709"),
        ("format=rgb24 -c:v qtrle -f mov", "bt709"),
        ("format=gbrp -c:v libx264rgb -f matroska", "bt709"),
        ("format=rgb24,format=pal8 -c:v qtrle -f mov", "bt709"),
        ("format=bgr0 -c:v ffv1 -f matroska", "bt709"),
    ],
)
def test_colours_stay_and_their_labels_are_right(coding: str, matrix: str, tmp_path: Path) -> None:
    filters, _, rest = coding.partition(" ")
    graph = f"[0][1][2][3]hstack=4,{filters}"
    if "pal8" in filters:
        graph = (
            f"{graph.removesuffix(',format=pal8')},split[x][y];[x]palettegen[p];[y][p]paletteuse"
        )
    source = make(tmp_path / "source", *COLOURS.split(), "-filter_complex", graph, *rest.split())
    convert(source, tmp_path / "out")
    result = tmp_path / "out" / "video.mp4"
    found = video(result)
    assert (found["color_space"], found["color_range"]) == (matrix, "tv")
    for got, wanted in zip(
        pixels(result, 4, 1), [(254, 0, 0), (0, 255, 0), (0, 0, 254), (128, 128, 128)], strict=True
    ):
        assert got == pytest.approx(wanted, abs=14)


def hdr(path: Path, transfer: str) -> Path:
    """SDR carried over to HDR as BT.2408 says: white at 203 nits."""
    graph = "[0][1][2][3]hstack=4,format=yuv444p,zscale=tin=bt709:pin=bt709:min=470bg:rin=limited"
    graph += ":t=linear:p=bt2020:npl=203,format=gbrpf32le,zscale=tin=linear:pin=bt2020:min=gbr"
    graph += f":t={transfer}:p=bt2020:m=bt2020nc:r=limited:npl=203,format=yuv420p10le"
    coding = ["-c:v", "libx265", "-x265-params", "log-level=error", "-tag:v", "hvc1"]
    return make(path, *COLOURS.split(), "-filter_complex", graph, *coding)


def dolby_vision(path: Path, profile: int, compatible: int) -> Path:
    """Give an HEVC MP4 the box that says Dolby Vision, and to what the pictures are compatible."""
    flags = profile << 9 | 1 << 3 | 0b101  # level 1; there are pictures and notes on each
    said = struct.pack(
        ">I4sBBHB19x", 32, b"dvvC" if profile > 7 else b"dvcC", 1, 0, flags, compatible << 4
    )
    content = bytearray(path.read_bytes())
    at = 0
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"hvc1"):
        at = content.index(name, at)
        (size,) = struct.unpack(">I", content[at - 4 : at])
        content[at - 4 : at] = struct.pack(">I", size + len(said))
    end = at - 4 + size
    path.write_bytes(content[:end] + said + content[end:])
    return path


# Dolby Vision 8.1 and 8.4 are HDR10 and HLG with notes.
@pytest.mark.parametrize(
    "transfer, dolby",
    [("smpte2084", 0), ("smpte2084", 1), ("arib-std-b67", 0), ("arib-std-b67", 4)],
)
def test_hdr_becomes_everyday_colours(transfer: str, dolby: int, tmp_path: Path) -> None:
    source = hdr(tmp_path / "source.mp4", transfer)
    if dolby:
        found = video(dolby_vision(source, 8, dolby))["side_data_list"][0]
        assert (found["dv_profile"], found["dv_bl_signal_compatibility_id"]) == (8, dolby)
    assert video(source)["color_transfer"] == transfer
    convert(source, tmp_path / "out")
    result = tmp_path / "out" / "video.mp4"
    found = video(result)
    assert [found[f"color_{name}"] for name in ("space", "primaries", "transfer")] == ["bt709"] * 3
    assert names(result, 4, 1)[:3] == "RGB"
    red, green, blue = pixels(result, 4, 1)[3]
    assert max(red, green, blue) - min(red, green, blue) <= 6
    assert 105 <= green <= 150


def test_dolby_vision_that_is_nothing_else_is_refused(tmp_path: Path) -> None:
    source = dolby_vision(hdr(tmp_path / "source.mp4", "smpte2084"), 5, 0)
    with pytest.raises(Refused, match="unsupported_codec: Dolby Vision"):
        convert(source, tmp_path / "out")


def test_a_size_that_changes_midway_ends_in_the_first_one(tmp_path: Path) -> None:
    parts = []
    for size in ("160x120", "320x240"):
        picture = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration=1"]
        path = make(tmp_path / f"{size}.ts", *picture, "-c:v", "mpeg2video")
        parts.append(path.read_bytes())
    (tmp_path / "both.ts").write_bytes(b"".join(parts))
    done = convert(tmp_path / "both.ts", tmp_path / "out")
    assert (done.renditions[0].width, done.renditions[0].height) == (160, 120)
    assert done.renditions[0].duration == pytest.approx(2.0, abs=0.15)


def test_a_recording_that_starts_counting_anew_plays_on(tmp_path: Path) -> None:
    picture = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=2"]
    tone = ["-f", "lavfi", "-i", "sine=duration=2"]
    words = [*picture, *tone, "-c:v", "mpeg2video", "-c:a", "mp2"]
    late = make(tmp_path / "late.ts", *words, "-output_ts_offset", "36000").read_bytes()
    early = make(tmp_path / "early.ts", *words).read_bytes()
    (tmp_path / "both.ts").write_bytes(late + early)
    done = convert(tmp_path / "both.ts", tmp_path / "out")
    assert done.renditions[0].duration == pytest.approx(4.0, abs=0.2)
    assert done.plan.audio
