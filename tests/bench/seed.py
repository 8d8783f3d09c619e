"""The original service's way against ours, on twelve clips such as participants send.

Its way: `ffmpeg -i in out.mp4` with no options, then the first picture by OpenCV. Ours is
`convert()`, as the worker calls it: box, checks and three posters included.
"""

import re
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

import cv2

from tests.bench import camera, clips
from tests.bench.timing import Timed, alternate
from workerjob.convert import convert
from workerjob.plan import Plan

TIME_BAR = 2.5
SSIM_BAR = 0.005
BYTES_BAR = 1.15


@dataclass(frozen=True)
class Found:
    """One clip both ways: seconds, bytes and likeness (SSIM, all planes) to the clip."""

    name: str
    copied: bool
    seconds: tuple[Timed, Timed]
    bytes: tuple[int, int]
    ssim: tuple[float, float]

    @property
    def worse(self) -> float:
        """By how much our SSIM lies below the seed's."""
        return self.ssim[1] - self.ssim[0]


def measure(folder: Path, rounds: int) -> dict[str, bool]:
    """Print a line for each clip; returns the bars."""
    names = [name for name, *_ in clips.SENT]
    found = []
    print("| clip | ours | seed | times | our bytes | seed's | our SSIM | seed's |")
    print("|---|---|---|---|---|---|---|---|")
    for source in clips.sent(camera.film(folder), *names):
        found.append(compare(source, folder / f"{source.name}-made", rounds))
        print(_row(found[-1]), flush=True)
    # Copies have the sender's bytes and all of his quality: what they are is none of our choice.
    coded = [each for each in found if not each.copied]
    worst = max(coded, key=lambda each: each.worse)
    print(
        f"encoded ones alone: {_times(coded):.2f} times; with copies {_larger(found):.2f} times the"
    )
    print(f"bytes; SSIM is worst, by {worst.worse:+.4f}, in {worst.name}")
    times, larger = _times(found), _larger(coded)
    worse = statistics.mean(each.worse for each in coded)
    return {
        f"the seed's way takes {times:.2f} times ours >= {TIME_BAR}": times >= TIME_BAR,
        f"encoded SSIM below the seed's by {worse:.4f} <= {SSIM_BAR}": worse <= SSIM_BAR,
        f"encoded bytes {larger:.2f} times the seed's <= {BYTES_BAR}": larger <= BYTES_BAR,
    }


def compare(source: Path, folder: Path, rounds: int) -> Found:
    """Convert one clip both ways, again and again, into `folder`."""
    mp4 = folder / "seed.mp4"
    done = convert(source, folder)
    seconds = alternate(rounds, lambda: convert(source, folder), lambda: original(source, mp4))
    made = folder / "video.mp4"
    return Found(
        source.name,
        done.plan.video.action == "copy",
        (seconds[0], seconds[1]),
        (made.stat().st_size, mp4.stat().st_size),
        (ssim(source, made, done.plan), ssim(source, mp4, done.plan)),
    )


def original(source: Path, target: Path) -> None:
    """Convert as the original service did."""
    subprocess.run(["ffmpeg", "-y", "-i", source, target], check=True, capture_output=True)
    read, picture = cv2.VideoCapture(str(target)).read()
    if not (read and cv2.imwrite(str(target.with_suffix(".jpg")), picture)):
        raise AssertionError(f"no picture of {target}")


def ssim(source: Path, made: Path, plan: Plan) -> float:
    """How alike the pictures are, 0 to 1, at the size they are shown at: with square pixels.

    Woven pictures are taken apart on both sides, also in the seed's results, which still are woven:
    as a good player would, and a browser does not.
    """
    video = plan.video.stream
    apart = "bwdif=mode=send_frame:deint=all," if video.interlaced else ""
    # The seed's results do not say which half came first.
    first = "setfield=bff," if video.codec == "dvvideo" else ""
    resulting = "" if made.name == "video.mp4" else first + apart
    repeated = _pictures(made) - video.packets.count  # in front, where the sound began earlier
    likewise = f"scale={plan.width}:{plan.height}:flags=bicubic,format=yuv420p,setsar=1"
    likewise += ",settb=1/1000,setpts=N*40"  # by number, not by time
    graph = f"[0:v:0]trim=start_frame={repeated},{resulting}{likewise}[made];"
    graph += f"[1:v:0]{apart}{likewise}[clip];[made][clip]ssim"
    words: list[str | Path] = ["ffmpeg", "-nostdin", "-i", made, "-i", source, "-filter_complex"]
    words += [graph, "-f", "null", "-"]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return float(re.findall(r"SSIM .*All:([0-9.]+)", done.stderr)[-1])


def _pictures(path: Path) -> int:
    words = ["-v", "error", "-count_packets", "-select_streams", "v:0"]
    words += ["-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", str(path)]
    return int(subprocess.run(["ffprobe", *words], check=True, capture_output=True).stdout)


def _times(found: list[Found]) -> float:
    ours, seed = (sum(each.seconds[which].median for each in found) for which in (0, 1))
    return seed / ours


def _larger(found: list[Found]) -> float:
    ours, seed = (sum(each.bytes[which] for each in found) for which in (0, 1))
    return ours / seed


def _row(f: Found) -> str:
    ours, seed = f.seconds
    name = f"{f.name}, copied" if f.copied else f.name
    return (
        f"| {name} | {ours.median:.2f} s | {seed.median:.2f} s | {seed.median / ours.median:.1f} "
        f"| {f.bytes[0]:,} | {f.bytes[1]:,} | {f.ssim[0]:.4f} | {f.ssim[1]:.4f} |"
    )
