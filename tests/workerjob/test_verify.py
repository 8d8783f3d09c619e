"""What came out of ffmpeg is published only when it decodes where it is looked at."""

import subprocess
from pathlib import Path

from workerjob.convert import convert


def test_a_copy_whose_end_shows_nothing_is_encoded(tmp_path: Path) -> None:
    source = tmp_path / "s.mp4"
    picture = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=8"
    coded = "-c:v libx264 -profile:v high -g 25 -bf 0 -pix_fmt yuv420p"
    subprocess.run(["ffmpeg", "-v", "error", *f"{picture} {coded}".split(), source], check=True)
    words = ("-v", "error", "-show_entries", "packet=pos,size", "-of", "csv=p=0", str(source))
    listed = subprocess.run(["ffprobe", *words], capture_output=True, text=True).stdout
    content = bytearray(source.read_bytes())
    for line in listed.split()[-25:]:  # the last second
        size, at = map(int, line.split(","))
        content[at + 4 : at + size] = bytes(size - 4)  # behind its length: no picture any more
    source.write_bytes(content)
    done = convert(source, tmp_path / "out")
    assert (done.plan.video.why, done.partial) == ("its copy did not verify", True)
