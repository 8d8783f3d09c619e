"""One file in, one MP4 and its posters out, or a reason why not. The worker and the command line
(`python -m workerjob convert SOURCE OUTDIR`) both come through here.

probe → plan → one ffmpeg run (MP4 and posters from one decode) → verify → move into place.
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
from workerjob import ffmpeg, intact, judge, outputs, sandbox, workload
from workerjob.ffmpeg import Cancelled, Outcome, TimedOut, ToolFailed
from workerjob.job import DEFAULTS, Job, Tools, has_bytes, prepare
from workerjob.plan import Plan
from workerjob.probed import Probe, parse_probe, untangled

__all__ = ["Cancelled", "Converted", "Rendition", "TimedOut", "ToolFailed", "Tools"]
__all__ += ["convert"]

_RESULT = f"{sandbox.OUT}/{outputs.VIDEO}"
_PICTURES = f"{sandbox.OUT}/pictures"
_SHARES = (judge.share_decoded, judge.share_heard)
_SEEK_MARGIN = 0.1  # seconds


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
    """The one ffmpeg run, MP4 and posters, and what came of it."""
    for path in (job.folder / sandbox.OUT).iterdir():
        if path != job.folder / job.input:
            path.unlink()  # of an attempt before
    made = outputs.arguments(chosen, job.ffmpeg_args)
    runner = ffmpeg.command(
        str(job.ffmpeg),
        [(job.input, options) for options in outputs.inputs(chosen)],
        [(f"{sandbox.OUT}/{name}", options) for name, options in made],
    )
    job.planned(workload.megapixels(chosen))
    reached = 0.0

    def heard(frames: int, seconds: float) -> None:
        nonlocal reached
        # Towards the end ffmpeg 7 tells the poster's time, or none: we never go back.
        reached = max(reached, workload.share_done(chosen, seconds))
        job.progress("encode", reached)

    with job.stage("encode"):
        outcome = ffmpeg.execute(runner, job.run(job.ffmpeg), heard)
        job.progress("encode", 1.0)
    if outcome.code or not has_bytes(job.result):
        return Attempt(chosen, outcome, f"ffmpeg ended with {outcome.code}")
    with job.stage("verify"):
        flaw, result = _verify(job, chosen, outcome)
    if flaw or result is None:
        return Attempt(chosen, outcome, flaw)
    if not job.posters():
        _fall_back_poster(job, chosen)
    share = min(judged(chosen, outcome, result) for judged in _SHARES)
    return Attempt(chosen, outcome, "", _renditions(job, chosen, result), share)


def _verify(job: Job, chosen: Plan, outcome: Outcome) -> tuple[str, Probe | None]:
    """What is wrong with the result ("" when nothing is), and what it holds."""
    # Both checks at once: each takes about as long as starting a process.
    with ThreadPoolExecutor(1) as beside:
        decodes = beside.submit(_decodes, job, chosen)
        description, packets, described = ffmpeg.describe(job.run(job.ffprobe), _RESULT)
        if described.code:
            return "the result cannot be opened", None
        result = parse_probe(description, packets)
        flaw = judge.flaw_in(result, chosen, outcome)
        if not flaw and not intact.moov_in_front(job.result):
            flaw = "the index is not in front"
        if not flaw and not decodes.result():
            flaw = "the result does not decode"
        return flaw, result


def _decodes(job: Job, chosen: Plan) -> bool:
    """Decode half a second in three places: all of it would cost a quarter of an encode."""
    fine, quiet = _look(job, outputs.looked_at(chosen))
    if fine and not quiet and chosen.video.action == "copy":
        # Where ffmpeg shrugs and goes on, browsers stop playing. But it complains as well of a jump
        # into pictures that build on earlier ones: only from the beginning that tells anything.
        _, quiet = _look(job, (0.0,))
        return quiet
    return fine


def _look(job: Job, places: tuple[float, ...]) -> tuple[bool, bool]:
    """Decode half a second at each place; whether pictures came, and came without a complaint."""
    inputs: list[tuple[str, outputs.Options]] = [
        # A little later than the keyframe: rounding must not land us one group earlier.
        (_RESULT, {"ss": f"{place + _SEEK_MARGIN if place else 0:.6f}", "t": "0.5"})
        for place in places
    ]
    null: outputs.Options = {"map": [f"{number}:v:0" for number in range(len(inputs))], "f": "null"}
    frames = 0

    def heard(done: int, seconds: float) -> None:
        nonlocal frames
        frames = done

    runner = ffmpeg.command(str(job.ffmpeg), inputs, [("null", null)])
    outcome = ffmpeg.execute(runner, job.run(job.ffmpeg), heard)
    return outcome.code == 0 and frames > 0, not outcome.errors


def _fall_back_poster(job: Job, chosen: Plan) -> None:
    """The first picture of a copied video none of whose keyframes is marked as one."""
    posters = [
        (f"{sandbox.OUT}/{name}", options | {"map": "0:v:0", "frames:v": "1"})
        for name, options in outputs.poster_options(chosen)
    ]
    runner = ffmpeg.command(str(job.ffmpeg), [(_RESULT, {})], posters)
    with job.stage("poster"):
        outcome = ffmpeg.execute(runner, job.run(job.ffmpeg), lambda frames, seconds: None)
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
    width, height = outputs.poster_size(chosen)
    best = outputs.best_posters(sizes)
    posters = (
        Rendition("poster", candidates[at], "mjpeg", width, height, 0.0, sizes[at]) for at in best
    )
    shared = job.shared(candidates[best[0]])
    if not has_bytes(shared):
        raise ToolFailed("a poster came out in one size only")
    size = shared.stat().st_size
    return (video, *posters, Rendition("share", shared, "mjpeg", *outputs.SHARED_SIZE, 0.0, size))


def _place(made: tuple[Rendition, ...], outdir: Path) -> tuple[Rendition, ...]:
    """Move the files to where the caller finds them: video.mp4, poster.jpg, poster2.jpg…"""
    further = (f"poster{n}.jpg" for n in range(2, len(made) - 1))
    names = ["video.mp4", "poster.jpg", *further, "share.jpg"]
    return tuple(
        dataclasses.replace(rendition, path=rendition.path.replace(outdir / name))
        for rendition, name in zip(made, names, strict=True)
    )
