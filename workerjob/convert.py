"""One file in, one MP4 and one poster out, or a reason why not. The worker and the command line
(`python -m workerjob convert SOURCE OUTDIR`) both come through here.

probe → plan → one ffmpeg run (MP4 and poster from one decode) → verify → move into place.
Nothing appears in the output folder before it is verified.
"""

import argparse
import dataclasses
import json
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from contests.reasons import Refused, text
from workerjob import ffmpeg, intact, judge, outputs, sandbox
from workerjob.ffmpeg import Cancelled, Outcome, TimedOut, ToolFailed
from workerjob.job import DEFAULTS, Job, Tools, prepare
from workerjob.plan import Plan, plan
from workerjob.probed import Probe, Stream, parse_probe

__all__ = ["Cancelled", "Converted", "Rendition", "TimedOut", "ToolFailed", "Tools"]
__all__ += ["convert", "main", "report"]

_RESULT = f"{sandbox.OUT}/{outputs.VIDEO}"
_SEEK_MARGIN = 0.1  # seconds


@dataclass(frozen=True)
class Rendition:
    """A file we made: `kind` is "mp4" or "poster"; pixels, seconds and bytes."""

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


def _silent(stage: str, fraction: float) -> None:
    pass


def convert(
    source: Path,
    outdir: Path,
    tools: Tools = DEFAULTS,
    progress: Callable[[str, float], None] = _silent,
    cancel: threading.Event | None = None,
) -> Converted:
    """Turn `source` into `outdir`/video.mp4 and `outdir`/poster.jpg.

    `progress` hears (stage, fraction 0…1) from the calling thread or another one. Setting `cancel`
    from any thread kills ffmpeg within a second.

    Raises Refused when the media is bad (permanent), Cancelled, and anything else (ToolFailed,
    OSError) when the fault is ours and trying again may help.
    """
    if source.stat().st_size == 0:
        raise Refused("empty_file")
    outdir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=outdir, prefix=".job-") as folder:
        job = prepare(Path(folder).resolve(), source, tools, progress, cancel)
        try:
            return _convert(job, outdir)
        except TimedOut as error:
            raise Refused("too_heavy", str(error)) from None


def _convert(job: Job, outdir: Path) -> Converted:
    source = job.folder / sandbox.SOURCE
    with job.stage("probe"):
        probe, errors = _probe(job, source)
        chosen = judge.planned(probe, job.tools.profile, errors)
        video = chosen.video.stream.packets
        job.measured(chosen.video.stream)
        judge.refuse_unfit(probe, video, source, errors, job.tools.limits.media_seconds)
    outcome = _make(job, chosen)
    flaw, renditions = _verify(job, chosen, outcome)
    if flaw and "copy" in (chosen.video.action, chosen.audio and chosen.audio.action):
        chosen = plan(probe, job.tools.profile, copying=False)
        outcome = _make(job, chosen)
        flaw, renditions = _verify(job, chosen, outcome)
    if flaw:
        raise judge.refusal(outcome, source, flaw)
    placed = tuple(
        dataclasses.replace(rendition, path=rendition.path.replace(outdir / rendition.path.name))
        for rendition in renditions
    )
    job.progress("done", 1.0)
    return Converted(chosen, placed, job.seconds, chosen.warnings)


def _probe(job: Job, source: Path) -> tuple[Probe, tuple[str, ...]]:
    """Describe the source; raises Refused when ffprobe will not open it."""
    description, packets, outcome = ffmpeg.describe(job.run(job.ffprobe), sandbox.SOURCE)
    if outcome.code:
        raise judge.refusal(outcome, source, "cannot be opened")
    return parse_probe(description, packets), outcome.errors


def _make(job: Job, chosen: Plan) -> Outcome:
    """The one ffmpeg run: MP4 and poster."""
    made = outputs.arguments(chosen, job.ffmpeg_args)
    runner = ffmpeg.command(
        str(job.ffmpeg),
        [(sandbox.SOURCE, outputs.input_options(chosen))],
        [(f"{sandbox.OUT}/{name}", options) for name, options in made],
    )
    total = chosen.video.stream.packets.seconds or 1.0
    reached = 0.0

    def heard(frames: int, seconds: float) -> None:
        nonlocal reached
        # Towards the end ffmpeg 7 tells the poster's time, or none: we never go back.
        reached = max(reached, min(1.0, seconds / total))
        job.progress("encode", reached)

    with job.stage("encode"):
        outcome = ffmpeg.execute(runner, job.run(job.ffmpeg), heard)
        job.progress("encode", 1.0)
    return outcome


def _verify(job: Job, chosen: Plan, outcome: Outcome) -> tuple[str, list[Rendition]]:
    """What is wrong with the result ("" when nothing is), and the renditions when all is well."""
    if outcome.code or not _has_bytes(job.result):
        return f"ffmpeg ended with {outcome.code}", []
    with job.stage("verify"), ThreadPoolExecutor(1) as beside:
        copied = chosen.video.action == "copy"
        # Copied keyframes are where they were, so both checks can run at once: copying takes
        # about as long as starting four processes.
        early = beside.submit(_decodes, job, chosen.video.stream) if copied else None
        description, packets, described = ffmpeg.describe(job.run(job.ffprobe), _RESULT)
        if described.code:
            return "the result cannot be opened", []
        result = parse_probe(description, packets)
        flaw = judge.flaw_in(result, chosen)
        if not flaw and not intact.moov_in_front(job.result):
            flaw = "the index is not in front"
        if not flaw and not (early.result() if early else _decodes(job, result.streams[0])):
            flaw = "the result does not decode"
        if flaw:
            return flaw, []
    if not _has_bytes(job.poster):
        _fall_back_poster(job, chosen)
    return "", _renditions(job, chosen, result)


def _decodes(job: Job, keyed: Stream) -> bool:
    """Decode the result after its first, a middle and its last keyframe (those of `keyed`).

    Half a second each: decoding all of it would cost a quarter of an encode.
    """
    keys = keyed.packets.keyframes or (keyed.packets.start,)
    places = sorted({at - keyed.packets.start for at in (keys[0], keys[len(keys) // 2], keys[-1])})
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
    return outcome.code == 0 and frames > 0


def _fall_back_poster(job: Job, chosen: Plan) -> None:
    """The first picture of a video that is black wherever we looked."""
    options = outputs.poster_options(chosen, any_frame=True) | {"map": "0:v:0"}
    poster = (f"{sandbox.OUT}/{outputs.POSTER}", options)
    runner = ffmpeg.command(str(job.ffmpeg), [(_RESULT, {})], [poster])
    with job.stage("poster"):
        outcome = ffmpeg.execute(runner, job.run(job.ffmpeg), lambda frames, seconds: None)
    if outcome.code or not _has_bytes(job.poster):
        raise ToolFailed(f"no poster: {outcome}")


def _has_bytes(path: Path) -> bool:
    """Whether a file came out; a link made in the box would lead out of it here, to any file."""
    return path.is_file() and not path.is_symlink() and path.stat().st_size > 0


def _renditions(job: Job, chosen: Plan, result: Probe) -> list[Rendition]:
    # Now that nothing runs in the box any more that could change them.
    if not (_has_bytes(job.result) and _has_bytes(job.poster)):
        raise ToolFailed("what came out of the box is no file")
    seconds = max(s.packets.end for s in result.streams)
    size = job.result.stat().st_size
    video = Rendition("mp4", job.result, "h264", chosen.width, chosen.height, seconds, size)
    width, height = outputs.poster_size(chosen)
    size = job.poster.stat().st_size
    return [video, Rendition("poster", job.poster, "mjpeg", width, height, 0.0, size)]


def main(argv: list[str], tools: Tools = DEFAULTS) -> int:
    """`convert SOURCE OUTDIR`: print one JSON object; 0 converted, 2 refused, 1 our own fault."""
    parser = argparse.ArgumentParser(prog="python -m workerjob convert")
    parser.add_argument("source", type=Path, help="the video to convert")
    parser.add_argument("outdir", type=Path, help="the folder for video.mp4 and poster.jpg")
    parser.add_argument("--language", default="es", help="of the message when refused: es or en")
    try:
        given = parser.parse_args(argv)
    except SystemExit as usage:  # argparse's 2 would say that a video was refused
        return 1 if usage.code else 0
    answer: dict[str, object]
    try:
        answer, code = report(convert(given.source, given.outdir, tools)), 0
    except Refused as refused:
        message = text(refused.code, given.language)
        answer, code = {"ok": False, "reason": refused.code, "message": message}, 2
    except Exception as error:  # whatever it is, the exit code tells that the fault is ours
        answer, code = {"ok": False, "error": f"{type(error).__name__}: {error}"}, 1
    print(json.dumps(answer, indent=1))
    return code


def report(done: Converted) -> dict[str, object]:
    """A conversion as plain values, for JSON: what the command line prints and logs hold."""
    decisions = [
        {"stream": d.stream.index, "kind": d.stream.kind, "codec": d.stream.codec}
        | {"action": d.action, "why": d.why}
        for d in done.plan.decisions
    ]
    renditions = [
        dataclasses.asdict(rendition) | {"path": str(rendition.path)}
        for rendition in done.renditions
    ]
    return {
        "ok": True,
        "plan": decisions,
        "renditions": renditions,
        "seconds": {stage: round(seconds, 3) for stage, seconds in done.seconds.items()},
        "warnings": list(done.warnings),
    }
