"""Footage such as cameras make, from nothing but chance: what encoders find hard is in it.

Test pictures flatter: flat areas, straight edges, whole-pixel motion. Here a scene is painted as
"dead leaves", opaque discs of all sizes in front of each other, whose edges and areas are spread as
in photographs; half of it is rough (1/f noise) and half is smooth. A lens softens it, a hand moves
the camera by fractions of a pixel, a figure walks through, and the sensor adds its grain. Every run
paints the same.
"""

import random
import subprocess
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

RATE = 50  # pictures a second, so that woven ones can be made of two
SECONDS = 12
_SHOT = 4
_SIZE = (3072, 1728)
_SMALLEST, _LARGEST = 8, 1200  # radii, in pixels
_DISCS = 30_000
_OCTAVES = 7


def film(folder: Path) -> Path:
    """12 seconds of 1080p50 without loss and a pink noise: three shots, two by hand."""
    path = folder / "film.mkv"
    if path.exists():
        return path
    words = ["ffmpeg", "-v", "error", "-nostdin", "-y"]
    for shot in range(SECONDS // _SHOT):
        scene, figure = folder / f"scene{shot}.png", folder / f"figure{shot}.png"
        _painted(random.Random(shot)).save(scene, compress_level=1)
        _cut_out(_painted(random.Random(100 + shot))).save(figure, compress_level=1)
        words += ["-i", str(scene), "-i", str(figure)]
    shots = ";".join(_shot(number, by_hand=number != 1) for number in range(SECONDS // _SHOT))
    joined = "[shot0][shot1][shot2]concat=n=3,noise=c0s=9:c1s=5:c2s=5:allf=t,gblur=sigma=0.4[film]"
    sound = "anoisesrc=color=pink:amplitude=0.3:seed=1,tremolo=f=0.7:d=0.8"
    words += ["-f", "lavfi", "-i", sound, "-filter_complex", f"{shots};{joined}"]
    words += ["-map", "[film]", "-map", f"{2 * (SECONDS // _SHOT)}:a", "-t", str(SECONDS)]
    words += ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-c:a", "flac", str(path)]
    subprocess.run(words, check=True)
    return path


def _shot(number: int, by_hand: bool) -> str:
    """The filters from a scene and a figure to one shot; times are in seconds, places in pixels."""
    still = f"loop=-1:1,setpts=N/{RATE}/TB,fps={RATE},trim=duration={_SHOT}"
    walk = "x='200+260*t+60*sin(5*t)':y='500+25*sin(9*t)':shortest=1"
    place = "x='96+20*t+30*sin(1.7*t)+3*sin(11*t)':y='54+25*sin(2.1*t)+2*sin(13*t)'"
    if not by_hand:
        place = "x=96:y=54"
    return (
        f"[{2 * number}]format=yuv444p,{still}[scene{number}];"
        f"[{2 * number + 1}]format=yuva444p,{still}[figure{number}];"
        f"[scene{number}][figure{number}]overlay={walk}:format=yuv444,"
        f"crop=2880:1620:{place},scale=1920:1080:flags=bicubic,format=yuv420p[shot{number}]"
    )


def _painted(chance: random.Random) -> Image.Image:
    """A scene of dead leaves, partly rough."""
    picture = Image.new("RGB", _SIZE)
    draw = ImageDraw.Draw(picture)
    for _ in range(_DISCS):
        # As many discs of half the size as cover four times the area: the law r^-3.
        share = chance.random()
        radius = (share * _LARGEST**-2 + (1 - share) * _SMALLEST**-2) ** -0.5
        x, y = chance.uniform(0, _SIZE[0]), chance.uniform(0, _SIZE[1])
        light, tint = chance.triangular(20, 235, 110), chance.uniform(-30, 30)
        colour = (round(light + tint), round(light), round(light - tint))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    noise = Image.merge("RGB", [_cloud(chance, 0)] * 3)
    rough = Image.blend(picture, noise, 0.45)
    return Image.composite(rough, picture, _cloud(chance, 4)).filter(ImageFilter.GaussianBlur(1.5))


def _cloud(chance: random.Random, leave_out: int) -> Image.Image:
    """Noise of ever finer grain, each octave half as strong; without the finest `leave_out`."""
    cloud = Image.new("L", _SIZE, 128)
    for octave in range(_OCTAVES - leave_out):
        small = (_SIZE[0] >> (_OCTAVES - octave), _SIZE[1] >> (_OCTAVES - octave))
        grain = Image.frombytes("L", small, chance.randbytes(small[0] * small[1]))
        cloud = Image.blend(cloud, grain.resize(_SIZE, Image.Resampling.BICUBIC), 0.4)
    return cloud


def _cut_out(picture: Image.Image) -> Image.Image:
    """A figure as wide as a person near the camera, with soft edges."""
    box = (600, 400, 1100, 1400)
    figure = picture.crop(box)
    shape = Image.new("L", figure.size, 0)
    ImageDraw.Draw(shape).rounded_rectangle((20, 20, 480, 980), radius=200, fill=255)
    figure.putalpha(shape.filter(ImageFilter.GaussianBlur(4)))
    return figure
