"""One file in, one MP4 and its posters out, or a reason why not. The worker and the command line
(`python -m workerjob convert SOURCE OUTDIR`) both come through here.

probe → plan → one ffmpeg run (MP4 and posters from one decode) → verify → move into place. A copy
decodes nothing: a second run makes its posters at the same time.
Nothing appears in the output folder before it is verified.
"""

import dataclasses
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from contests.reasons import Refused
from workerjob import ffmpeg, judge, outputs, posters, sandbox, workload
from workerjob.ffmpeg import Cancelled, Options, Outcome, TimedOut, ToolFailed
from workerjob.job import DEFAULTS, Job, Tools, has_bytes, prepare
from workerjob.plan import Plan
from workerjob.probed import Probe, parse_probe, untangled
from workerjob.verify import RESULT, verify

__all__ = ["Cancelled", "Converted", "Rendition", "TimedOut", "ToolFailed", "Tools"]
__all__ += ["convert"]

_PICTURES = f"{sandbox.OUT}/pictures"
_SHARES = (judge.share_decoded, judge.share_heard)


@dataclass(frozen=True)
class Rendition:
    """A file we made: `kind` is "mp4", "poster" or "share" (the best poster in the size for social
    networks); pixels, seconds and bytes."""

    kind: str
    path: Path
    codec: str
    width: int
    height: int
    duration: float
    bytes: int


@dataclass(frozen=True)
class Converted:
    """What a conversion did, and how many seconds each stage took."""

    plan: Plan
    renditions: tuple[Rendition, ...]
    seconds: dict[str, float]
    warnings: tuple[str, ...] = ()
    partial: bool = False  # some of the pictures, or the sound, could not be read


@dataclass(frozen=True)
class Attempt:
    """What one run came to: its flaw, or "", the files, and the share of the source in them."""

    chosen: Plan
    outcome: Outcome
    flaw: str
    renditions: tuple[Rendition, ...] = ()
    share: float = 1.0


def _silent(*heard: object) -> None:
    pass


def convert(
    source: Path,
    outdir: Path,
    tools: Tools = DEFAULTS,
    progress: Callable[[str, float], None] = _silent,
    cancel: threading.Event | None = None,
    planned: Callable[[float], None] = _silent,
) -> Converted:
    """Turn `source` into `outdir`/video.mp4 and up to three posters, the best one first, and
    share.jpg, the best one in the size for social networks.

    `progress` hears (stage, fraction 0…1) from the calling thread or another one; of "encode" it is
    the fraction of the work, not of the video. `planned` hears before each encoding how many
    megapixels it is (see workload.py). Setting `cancel` from any thread kills ffmpeg within a
    second.

    Raises Refused when the media is bad (permanent), Cancelled, and anything else (ToolFailed,
    OSError) when the fault is ours and trying again may help.
    """
    if source.stat().st_size == 0:
        raise Refused("empty_file")
    outdir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=outdir, prefix=".job-") as folder:
        job = prepare(Path(folder).resolve(), source, tools, progress, cancel, planned)
        try:
            return _convert(job, outdir)
        except TimedOut as error:
            raise Refused("too_heavy", str(error)) from None


def _convert(job: Job, outdir: Path) -> Converted:
    source = job.folder / sandbox.SOURCE
    with job.stage("probe"):
        probe, errors = _probe(job, source)
        judge.refuse_encrypted(probe, source)
        chosen = judge.planned(probe, job.tools.profile, errors)
        seconds = chosen.video.stream.packets.seconds
        if seconds > job.tools.limits.media_seconds:
            raise Refused("too_long", f"{seconds:.0f} s")
        job.measured(chosen)
        present = judge.share_present(probe, source, errors)
        if present < judge.ENOUGH:
            raise Refused("truncated", f"{present:.0%} of it is there")
    made = _attempt(job, chosen)
    while made.flaw:
        refusal = judge.refusal(made.outcome, source, made.flaw)
        again = judge.second_chance(probe, job.tools.profile, made.chosen)
        if again is None or not isinstance(refusal, Refused):
            raise refusal
        made = _attempt(job, again)
    placed = _place(made.renditions, outdir)
    job.progress("done", 1.0)
    lost = made.chosen.audio is None and chosen.audio is not None
    partial = lost or job.input != sandbox.SOURCE or min(present, made.share) < 1
    return Converted(made.chosen, placed, job.seconds, made.chosen.warnings, partial)


def _probe(job: Job, source: Path) -> tuple[Probe, tuple[str, ...]]:
    """Describe the source; raises Refused when ffprobe will not open it."""
    description, packets, outcome = ffmpeg.describe(job.run(job.ffprobe), job.input)
    if outcome.code:
        refusal = judge.refusal(outcome, source, "cannot be opened")
        whole = job.input == sandbox.SOURCE
        if whole and getattr(refusal, "code", "") == "damaged" and _keep_pictures(job, source):
            return _probe(job, source)
        raise refusal
    return untangled(parse_probe(description, packets)), outcome.errors


def _keep_pictures(job: Job, source: Path) -> bool:
    """Copy the pictures into a file of their own, which is read from then on.

    ffprobe gives up when the header of a single stream makes no sense to its decoder; ffmpeg does
    not, as long as it need not decode that one.
    """
    # AVI has no times for B-frames, which Matroska asks for.
    with source.open("rb") as file:
        kind = "avi" if file.read(4) == b"RIFF" else "matroska"
    runner = ffmpeg.command(
        str(job.ffmpeg),
        [(sandbox.SOURCE, {})],
        [(_PICTURES, {"map": "0:V", "c": "copy", "f": kind})],
    )
    outcome = ffmpeg.execute(runner, job.run(job.ffmpeg), lambda frames, seconds: None)
    job.input = _PICTURES
    return outcome.code == 0 and has_bytes(job.folder / _PICTURES)


def _attempt(job: Job, chosen: Plan) -> Attempt:
    """Make MP4 and posters, and say what came of it."""
    for path in (job.folder / sandbox.OUT).iterdir():
        if path != job.folder / job.input:
            path.unlink()  # of an attempt before
    job.planned(workload.megapixels(chosen))
    with job.stage("encode"):
        make = _copy if chosen.video.action == "copy" else _make_mp4
        outcome = make(job, chosen)
        job.progress("encode", 1.0)
    if outcome.code or not has_bytes(job.result):
        return Attempt(chosen, outcome, f"ffmpeg ended with {outcome.code}")
    with job.stage("verify"):
        flaw, result = verify(job, chosen, outcome)
    if flaw or result is None:
        return Attempt(chosen, outcome, flaw)
    if not job.posters():
        _fall_back_poster(job, chosen)
    share = min(judged(chosen, outcome, result) for judged in _SHARES)
    return Attempt(chosen, outcome, "", _renditions(job, chosen, result), share)


def _copy(job: Job, chosen: Plan) -> Outcome:
    """Copy the pictures; beside it, decode the few that become posters."""
    inputs, made = posters.of_copied(chosen)
    reading = [(job.input, options) for options in inputs]
    with ThreadPoolExecutor(1) as beside:
        pictures = beside.submit(_pictures, job, reading, made)
        outcome = _make_mp4(job, chosen)
        decoded = pictures.result()
    return decoded if decoded.code else outcome


def _make_mp4(job: Job, chosen: Plan) -> Outcome:
    """The one run that reads all of the source; where it decodes, it makes the posters as well."""
    made = outputs.arguments(chosen, job.ffmpeg_args)
    runner = ffmpeg.command(
        str(job.ffmpeg),
        [(job.input, outputs.reading(chosen))],
        [(f"{sandbox.OUT}/{name}", options) for name, options in made],
    )
    reached = 0.0

    def heard(frames: int, seconds: float) -> None:
        nonlocal reached
        # Towards the end ffmpeg 7 tells the poster's time, or none: we never go back.
        reached = max(reached, workload.share_done(chosen, seconds))
        job.progress("encode", reached)

    return ffmpeg.execute(runner, job.run(job.ffmpeg), heard)


def _pictures(
    job: Job, inputs: list[tuple[str, Options]], made: list[tuple[str, Options]]
) -> Outcome:
    """Make candidates for posters, and nothing else."""
    written = [(f"{sandbox.OUT}/{name}", options) for name, options in made]
    runner = ffmpeg.command(str(job.ffmpeg), inputs, written)
    return ffmpeg.execute(runner, job.run(job.ffmpeg), lambda frames, seconds: None)


def _fall_back_poster(job: Job, chosen: Plan) -> None:
    """The first picture of a copied video none of whose keyframes is marked as one."""
    first: Options = {"map": "0:v:0", "frames:v": "1"}
    made = [(name, options | first) for name, options in posters.of_any(chosen)]
    with job.stage("poster"):
        outcome = _pictures(job, [(RESULT, {})], made)
    if outcome.code or not job.posters():
        raise ToolFailed(f"no poster: {outcome}")


def _renditions(job: Job, chosen: Plan, result: Probe) -> tuple[Rendition, ...]:
    # Now that nothing runs in the box any more that could change them.
    candidates = job.posters()
    if not (has_bytes(job.result) and candidates):
        raise ToolFailed("what came out of the box is no file")
    seconds = max(s.packets.end for s in result.streams)
    size = job.result.stat().st_size
    video = Rendition("mp4", job.result, "h264", chosen.width, chosen.height, seconds, size)
    sizes = [path.stat().st_size for path in candidates]
    width, height = posters.size(chosen)
    best = posters.best(sizes)
    pictures = (
        Rendition("poster", candidates[at], "mjpeg", width, height, 0.0, sizes[at]) for at in best
    )
    shared = job.shared(candidates[best[0]])
    if not has_bytes(shared):
        raise ToolFailed("a poster came out in one size only")
    size = shared.stat().st_size
    return (video, *pictures, Rendition("share", shared, "mjpeg", *posters.SHARED_SIZE, 0.0, size))


def _place(made: tuple[Rendition, ...], outdir: Path) -> tuple[Rendition, ...]:
    """Move the files to where the caller finds them: video.mp4, poster.jpg, poster2.jpg…"""
    further = (f"poster{n}.jpg" for n in range(2, len(made) - 1))
    names = ["video.mp4", "poster.jpg", *further, "share.jpg"]
    return tuple(
        dataclasses.replace(rendition, path=rendition.path.replace(outdir / name))
        for rendition, name in zip(made, names, strict=True)
    )
