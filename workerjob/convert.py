"""One file in, one MP4 and one poster out, or a reason why not. The worker and the command line
(`python -m workerjob convert SOURCE OUTDIR`) both come through here.

probe → plan → one ffmpeg run (MP4 and poster from one decode) → verify → move into place.
Nothing appears in the output folder before it is verified.
"""

import argparse
import dataclasses
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from contests.reasons import Refused, text
from workerjob import ffmpeg, intact, outputs, sandbox
from workerjob.accepted import MAX_PIXELS
from workerjob.ffmpeg import Cancelled, Outcome, Run, TimedOut, ToolFailed
from workerjob.plan import Plan, Probe, Profile, Stream, parse_probe, plan

__all__ = ["Cancelled", "Converted", "Rendition", "TimedOut", "ToolFailed", "Tools"]
__all__ += ["convert", "main", "report"]

_RESULT = f"{sandbox.OUT}/{outputs.VIDEO}"
_SEEK_MARGIN = 0.1  # seconds
_DRIFT = 0.02  # how far a result's duration may lie from what the source really holds
_TRUNCATION_MESSAGES = ("partial file", "File ended prematurely", "moov atom not found")
# Signs that the run failed for our reasons; everything else is blamed on the media.
_OUR_FAULTS = (
    *("bwrap:", "prlimit:", "setsid:", "setpriv:", "No space left on device", "Read-only file"),
    *("Permission denied", "Unrecognized option", "Option not found", "Unknown encoder"),
    *("No such filter", "Error splitting the argument list", "error while loading shared"),
    *("Invalid encoder type", "Error parsing options"),
)


@dataclass(frozen=True)
class Tools:
    """What a conversion works with. `sandboxed=None` means: whenever this machine can."""

    ffmpeg: str = "ffmpeg"
    ffprobe: str = "ffprobe"
    ffmpeg_args: tuple[str, ...] = ()
    sandboxed: bool | None = None
    limits: sandbox.Limits = field(default_factory=sandbox.Limits)
    profile: Profile = field(default_factory=Profile)


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


@dataclass
class _Job:
    """One conversion under way: its folder with `source`, `out` and the two launchers."""

    folder: Path
    tools: Tools
    ffmpeg: Path
    ffprobe: Path
    progress: Callable[[str, float], None]
    cancel: threading.Event | None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        if self.cancel and self.cancel.is_set():
            raise Cancelled
        self.progress(name, 0.0)
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0) + time.monotonic() - started

    def run(self, launcher: Path) -> Run:
        return Run(launcher, self.tools.limits.wall_seconds, self.cancel)

    @property
    def result(self) -> Path:
        return self.folder / sandbox.OUT / outputs.VIDEO

    @property
    def poster(self) -> Path:
        return self.folder / sandbox.OUT / outputs.POSTER


def _silent(stage: str, fraction: float) -> None:
    pass


def convert(
    source: Path,
    outdir: Path,
    tools: Tools = Tools(),
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
        job = _prepare(Path(folder).resolve(), source, tools, progress, cancel)
        try:
            return _convert(job, outdir)
        except TimedOut as error:
            raise Refused("too_heavy", str(error)) from None


def _prepare(
    folder: Path,
    source: Path,
    tools: Tools,
    progress: Callable[[str, float], None],
    cancel: threading.Event | None,
) -> _Job:
    # A link, so that neither ffmpeg nor the launcher ever meets the name a stranger chose.
    (folder / sandbox.SOURCE).symlink_to(source.resolve())
    (folder / sandbox.OUT).mkdir()
    boxed = sandbox.available() if tools.sandboxed is None else tools.sandboxed
    run, look = (
        sandbox.launcher(folder, program, tools.limits, boxed)
        for program in (tools.ffmpeg, tools.ffprobe)
    )
    return _Job(folder, tools, run, look, progress, cancel)


def _convert(job: _Job, outdir: Path) -> Converted:
    source = job.folder / sandbox.SOURCE
    with job.stage("probe"):
        probe, errors = _probe(job, source)
        chosen = plan(probe, job.tools.profile)
        _refuse_unfit(job, probe, chosen, source, errors)
    outcome = _make(job, chosen)
    flaw, renditions = _verify(job, chosen, outcome)
    if flaw and "copy" in (chosen.video.action, chosen.audio and chosen.audio.action):
        chosen = plan(probe, job.tools.profile, copying=False)
        outcome = _make(job, chosen)
        flaw, renditions = _verify(job, chosen, outcome)
    if flaw:
        raise _refusal(outcome, source, flaw)
    placed = tuple(
        dataclasses.replace(rendition, path=rendition.path.replace(outdir / rendition.path.name))
        for rendition in renditions
    )
    job.progress("done", 1.0)
    return Converted(chosen, placed, job.seconds, chosen.warnings)


def _probe(job: _Job, source: Path) -> tuple[Probe, tuple[str, ...]]:
    """Describe the source; raises Refused when ffprobe will not open it."""
    description, packets, outcome = ffmpeg.describe(job.run(job.ffprobe), sandbox.SOURCE)
    if outcome.code:
        raise _refusal(outcome, source, "cannot be opened")
    return parse_probe(description, packets), outcome.errors


def _refuse_unfit(
    job: _Job, probe: Probe, chosen: Plan, source: Path, errors: tuple[str, ...]
) -> None:
    """Refuse what is too long, or what was cut off, before any work is done."""
    read = [s.packets for s in probe.streams if s.packets.count]
    seconds = max(p.end for p in read) - min(p.start for p in read)
    if chosen.video.stream.packets.seconds > job.tools.limits.media_seconds:
        raise Refused("too_long", f"{seconds:.0f} s")
    if seconds < probe.claimed * (1 - _DRIFT):
        told = any(message in line for message in _TRUNCATION_MESSAGES for line in errors)
        if told or intact.cut_short(source):
            raise Refused("truncated", f"{seconds:.1f} of {probe.claimed:.1f} s")


def _make(job: _Job, chosen: Plan) -> Outcome:
    """The one ffmpeg run: MP4 and poster."""
    made = outputs.arguments(chosen, job.tools.ffmpeg_args)
    runner = ffmpeg.command(
        str(job.ffmpeg),
        [(sandbox.SOURCE, outputs.input_options(chosen))],
        [(f"{sandbox.OUT}/{name}", options) for name, options in made],
    )
    total = chosen.video.stream.packets.seconds or 1.0

    def heard(frames: int, seconds: float) -> None:
        job.progress("encode", min(1.0, seconds / total))

    with job.stage("encode"):
        return ffmpeg.execute(runner, job.run(job.ffmpeg), heard)


def _verify(job: _Job, chosen: Plan, outcome: Outcome) -> tuple[str, list[Rendition]]:
    """What is wrong with the result ("" when nothing is), and the renditions when all is well."""
    if outcome.code or not job.result.exists():
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
        flaw = flaw_in(result, chosen)
        if not flaw and not intact.moov_in_front(job.result):
            flaw = "the index is not in front"
        if not flaw and not (early.result() if early else _decodes(job, result.streams[0])):
            flaw = "the result does not decode"
        if flaw:
            return flaw, []
    if not _has_bytes(job.poster):
        _fall_back_poster(job, chosen)
    return "", _renditions(job, chosen, result)


def flaw_in(result: Probe, chosen: Plan) -> str:
    """What is wrong with the probed result, measured against the plan; "" when nothing is."""
    video = next((s for s in result.streams if s.kind == "video"), None)
    if video is None or video is not result.streams[0] or not video.packets.count:
        return "no frames"
    expected, got = chosen.video.stream.packets.seconds, video.packets.seconds
    frame = got / video.packets.count
    # One picture lasts as long as the container cares to say; two frames are the muxers' rounding.
    allowed = max(expected * _DRIFT, 2 * frame, 0.1)
    checks = (
        (video.codec == "h264" and video.pixels == "yuv420p", f"{video.codec} {video.pixels}"),
        ((video.width, video.height) == (chosen.width, chosen.height), "wrong size"),
        (bool(video.packets.keyframes), "no keyframe"),
        (abs(got - expected) <= allowed, f"{got:.2f} s instead of {expected:.2f} s"),
        (len(result.streams) == (2 if chosen.audio else 1), "wrong number of streams"),
        (all(s.packets.count for s in result.streams), "an empty stream"),
    )
    return ", ".join(why for fine, why in checks if not fine)


def _decodes(job: _Job, keyed: Stream) -> bool:
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


def _fall_back_poster(job: _Job, chosen: Plan) -> None:
    """The first picture of a video that is black wherever we looked."""
    options = outputs.poster_options(chosen, any_frame=True) | {"map": "0:v:0"}
    poster = (f"{sandbox.OUT}/{outputs.POSTER}", options)
    runner = ffmpeg.command(str(job.ffmpeg), [(_RESULT, {})], [poster])
    with job.stage("poster"):
        outcome = ffmpeg.execute(runner, job.run(job.ffmpeg), lambda frames, seconds: None)
    if outcome.code or not _has_bytes(job.poster):
        raise ToolFailed(f"no poster: {outcome}")


def _has_bytes(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _renditions(job: _Job, chosen: Plan, result: Probe) -> list[Rendition]:
    seconds = max(s.packets.end for s in result.streams)
    size = job.result.stat().st_size
    video = Rendition("mp4", job.result, "h264", chosen.width, chosen.height, seconds, size)
    width, height = outputs.poster_size(chosen)
    size = job.poster.stat().st_size
    return [video, Rendition("poster", job.poster, "mjpeg", width, height, 0.0, size)]


def _refusal(outcome: Outcome, source: Path, flaw: str) -> Exception:
    """Whose fault a failed run is: ToolFailed when ours, else Refused with the best reason."""
    said = "\n".join(outcome.errors)
    details = f"{flaw}: {said[-1000:]}"
    # 126, 127: not started. 137: killed by somebody else, such as the kernel short of memory.
    if outcome.code in (126, 127, 137) or any(sign in said for sign in _OUR_FAULTS):
        return ToolFailed(details)
    if outcome.code in (152, 153):  # SIGXCPU, SIGXFSZ: the limits of the box
        return Refused("too_heavy", details)
    if intact.asf_encrypted(source):
        return Refused("protected", details)
    if "Format not on whitelist" in said:
        return Refused("unsupported_format", details)
    if "not on whitelist" in said:
        return Refused("unsupported_codec", details)
    if "Picture size" in said and str(MAX_PIXELS) in said:
        return Refused("too_large_picture", details)
    if not intact.looks_like_media(source):
        return Refused("not_media", details)
    if "moov atom not found" in said or intact.cut_short(source):
        return Refused("truncated", details)
    return Refused("no_frames" if flaw == "no frames" else "damaged", details)


def main(argv: list[str], tools: Tools = Tools()) -> int:
    """`convert SOURCE OUTDIR`: print one JSON object; 0 converted, 2 refused, 1 our own fault."""
    parser = argparse.ArgumentParser(prog="python -m workerjob convert")
    parser.add_argument("source", type=Path, help="the video to convert")
    parser.add_argument("outdir", type=Path, help="the folder for video.mp4 and poster.jpg")
    parser.add_argument("--language", default="es", help="of the message when refused: es or en")
    given = parser.parse_args(argv)
    try:
        answer = report(convert(given.source, given.outdir, tools))
    except Refused as refused:
        message = text(refused.code, given.language)
        answer = {"ok": False, "reason": refused.code, "message": message}
    except Exception as error:  # the exit code tells the caller whose fault it is
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print(json.dumps(answer, ensure_ascii=False, indent=1))
    return 0 if answer["ok"] else 2


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
