"""A contest's pictures: whatever an organizer sends becomes a plain picture of our own making.

Decoding and encoding again proves that it is a picture and leaves behind everything else that the
file carried: place, camera, comments, anything hidden after the end.
"""

import contextlib
import struct
import tempfile
from pathlib import Path
from typing import IO

from django.conf import settings
from PIL import Image, ImageOps

from backends import storage

MAX_BYTES = 10 * 1024**2
MAX_WIDTH = 1600  # pixels; also the most a page ever shows
# A file of some kilobytes can claim a picture of gigabytes. Phones make up to 50 million pixels.
MAX_PIXELS = 50_000_000
LOGO = (480, 240)  # pixels, at most; shown half as large
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_HIGHEST = 3 * MAX_WIDTH  # pixels; nobody wants to scroll past more
_QUALITY = 82


class BadImage(Exception):
    """The file is no picture of a kind we take, is broken, or is too large."""


def store(file: IO[bytes], *, logo: bool = False, private: bool = False) -> str:
    """Store a picture and return its key: a JPEG of at most 1600 pixels' width. Raises BadImage.

    Transparent parts become white; of moving pictures the first is taken. A logo becomes a small
    PNG, whose transparent parts stay so.
    """
    image = _decode(file, transparent=logo)
    image.thumbnail(LOGO if logo else (MAX_WIDTH, _HIGHEST))
    key = storage.new_key(storage.CONTEST_IMAGES, ".png" if logo else ".jpg", private=private)
    settings.WORK_ROOT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.WORK_ROOT) as folder:
        path = Path(folder, "image")
        if logo:
            image.save(path, "PNG", optimize=True)
        else:
            image.save(path, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
        storage.put(path, key)
    return key


def _decode(file: IO[bytes], *, transparent: bool) -> Image.Image:
    with contextlib.ExitStack() as opened:
        try:
            image = opened.enter_context(Image.open(file, formats=FORMATS))
            if image.width * image.height > MAX_PIXELS:
                raise BadImage
            image.draft("RGB", (MAX_WIDTH, MAX_WIDTH))  # decodes a large JPEG at a part of its size
            upright = ImageOps.exif_transpose(image)
            if upright.has_transparency_data:
                upright = upright.convert("RGBA")
                if transparent:
                    upright.info.clear()
                    return upright
                ground = Image.new("RGBA", upright.size, "white")
                return Image.alpha_composite(ground, upright).convert("RGB")
            plain = upright.convert("RGB")
            plain.info.clear()  # comments would be written again
            return plain
        except (
            OSError,
            ValueError,
            SyntaxError,  # Pillow's word for a broken PNG
            EOFError,
            KeyError,
            IndexError,
            OverflowError,
            TypeError,
            struct.error,
            Image.DecompressionBombError,
            Image.DecompressionBombWarning,
        ) as error:
            raise BadImage from error
