"""Clips in formats of another age, made on the spot: for the demo and for rehearsals."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

# Title, file ending, picture (an ffmpeg source), encoder options.
_CLIPS = (
    ("Sorenson Spark, 2004", "flv", "testsrc2", "-c:v flv -b:v 900k -c:a mp3 -ar 44100"),
    ("Windows Media 8", "wmv", "mandelbrot", "-c:v wmv2 -b:v 900k -c:a wmav2"),
    ("Xvid", "avi", "life=mold=10:r=25:ratio=0.1", "-c:v mpeg4 -vtag XVID -q:v 4 -c:a mp3"),
    ("Motion JPEG", "avi", "smptehdbars", "-c:v mjpeg -q:v 4 -c:a pcm_s16le"),
    ("Windows Media 7", "wmv", "cellauto", "-c:v wmv1 -b:v 900k -c:a wmav2"),
    ("Flash with H.264", "flv", "rgbtestsrc", "-c:v libx264 -pix_fmt yuv420p -c:a aac"),
)


def make(folder: Path, seconds: int) -> Iterator[tuple[str, Path]]:
    """Make each clip, so many seconds of 640 × 360 with a tone; yield its title and file."""
    for number, (title, ending, picture, encoder) in enumerate(_CLIPS, 1):
        path = folder / f"clip{number}.{ending}"
        # `life` and `cellauto` draw one small pixel a cell: all are scaled to one size.
        command = [settings.CONFIG.ffmpeg, "-v", "error", "-nostdin", "-f", "lavfi", "-i", picture]
        command += ["-f", "lavfi", "-i", f"sine=frequency={220 * number}", "-t", str(seconds)]
        command += ["-vf", "scale=640:360:flags=neighbor,fps=25", *encoder.split(), str(path)]
        subprocess.run(command, check=True)
        yield title, path
