"""A contest's picture: what comes out of what is sent in."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image, ImageDraw

from backends import storage_folder
from contests import images
from tests.factories import picture


def stored(content: bytes) -> Image.Image:
    """Store a file's bytes and return the picture that a page would show."""
    key = images.store(io.BytesIO(content))
    return Image.open(io.BytesIO(storage_folder.path_of(key).read_bytes()))


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize("form", images.FORMATS)
def test_every_format_becomes_a_jpeg(form: str) -> None:
    image = stored(picture(320, 180, form))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (320, 180))


@pytest.mark.parametrize(
    "size, expected",
    [((3200, 1800), (1600, 900)), ((1601, 100), (1600, 100)), ((1000, 12000), (400, 4800))],
)
def test_large_ones_are_made_smaller(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert stored(picture(*size)).size == expected


def test_nothing_else_in_the_file_survives() -> None:
    exif = Image.Exif()
    exif[0x010E] = "my home address"  # ImageDescription
    content = encoded(
        Image.new("RGB", (40, 40)), "JPEG", exif=exif, comment=b"a secret", icc_profile=b"profile"
    )
    key = images.store(io.BytesIO(content + b"<script>hidden</script>"))
    raw = storage_folder.path_of(key).read_bytes()
    assert dict(Image.open(io.BytesIO(raw)).getexif()) == {}
    assert [word for word in (b"secret", b"address", b"script", b"profile") if word in raw] == []


def test_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    assert stored(encoded(Image.new("RGB", (60, 40)), "JPEG", exif=exif)).size == (40, 60)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF"])
def test_transparent_parts_become_white(form: str) -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((0, 0, 5, 5), fill="black")
    assert stored(encoded(image, form)).getpixel((30, 30)) == (255, 255, 255)


def test_other_colour_models_are_understood() -> None:
    modes = {
        mode: stored(encoded(Image.new(mode, (40, 40)), "JPEG")).mode for mode in ("L", "CMYK")
    }
    assert modes == {"L": "RGB", "CMYK": "RGB"}


def bomb(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes that claims to be enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        picture()[:300],
        picture(form="PNG")[:60],
        picture(form="BMP"),
        picture(form="TIFF"),
        encoded(Image.new("1", (7100, 7100)), "PNG"),  # sound, but just above our own limit
        bomb(10_000, 10_000),  # where Pillow warns
        bomb(60_000, 60_000),  # where Pillow refuses
        bomb(0, 5),
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 200,
        b"GIF89a" + b"\xff" * 200,
        b"RIFF\xff\xff\xff\xffWEBPVP8 " + b"\xff" * 100,
        b"\xff\xd8\xff\xe0" + b"\0" * 100,
    ],
    ids=lambda content: f"{len(content)}-{content[:8]!r}",
)
def test_what_is_no_picture_of_ours_is_refused_and_leaves_nothing(content: bytes) -> None:
    with pytest.raises(images.BadImage):
        images.store(io.BytesIO(content))
    assert [path for path in Path(settings.DATA).rglob("*") if path.is_file()] == []


def test_a_turned_one_whose_exif_contradicts_itself_is_refused() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned: the rest is then written anew, which fails
    exif[0x010E] = "a text"
    content = encoded(Image.new("RGB", (8, 8)), "JPEG", exif=exif)
    number_that_is_a_text = content.replace(b"\x01\x0e\x00\x02", b"\x01\x09\x00\x02")
    assert number_that_is_a_text != content
    with pytest.raises(images.BadImage):
        stored(number_that_is_a_text)


def test_a_logo_is_small_and_keeps_what_is_transparent() -> None:
    image = Image.new("RGBA", (960, 300), (0, 0, 0, 0))
    key = images.store(io.BytesIO(encoded(image, "PNG")), logo=True)
    logo = Image.open(storage_folder.path_of(key))
    assert (key[-4:], logo.format, logo.size) == (".png", "PNG", (480, 150))
    assert logo.getpixel((9, 9)) == (0, 0, 0, 0)
