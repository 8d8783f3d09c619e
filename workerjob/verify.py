"""Is what came out right? ffprobe reads all of it, ffmpeg decodes a little of it."""

from concurrent.futures import ThreadPoolExecutor

from workerjob import ffmpeg, intact, judge, outputs, sandbox
from workerjob.ffmpeg import Options, Outcome
from workerjob.job import Job
from workerjob.plan import Plan
from workerjob.probed import Probe, parse_probe

RESULT = f"{sandbox.OUT}/{outputs.VIDEO}"
_SEEK_MARGIN = 0.1  # seconds
# How much is decoded at the beginning and elsewhere, in seconds. Nothing is shown, so the filter
# that smoothes pictures is left out; an MP4 of ours says up front what is in it. Starting threads
# takes longer than they save.
_BEGINNING, _ELSEWHERE = "0.5", "0.1"
_QUICKLY: Options = {
    "nofind_stream_info": None,
    "threads:v": "1",
    "noaccurate_seek": None,
    "skip_loop_filter:v": "all",
    "flags:v": "+output_corrupt",  # also what builds on pictures before the jump
}


def verify(job: Job, chosen: Plan, outcome: Outcome) -> tuple[str, Probe | None]:
    """What is wrong with the result ("" when nothing is), and what it holds."""
    # Both checks at once: each takes about as long as starting a process.
    with ThreadPoolExecutor(1) as beside:
        decodes = beside.submit(_decodes, job, chosen)
        description, packets, described = ffmpeg.describe(job.run(job.ffprobe), RESULT)
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
    """Decode a little in three places: all of it would cost a quarter of an encode."""
    fine, quiet = _look(job, outputs.looked_at(chosen))
    if fine and not quiet and chosen.video.action == "copy":
        # Where ffmpeg shrugs and goes on, browsers stop playing. But it complains as well of a jump
        # into pictures that build on earlier ones: only from the beginning that tells anything.
        _, quiet = _look(job, (0.0,))
        return quiet
    return fine


def _look(job: Job, places: tuple[float, ...]) -> tuple[bool, bool]:
    """Decode a little at each place; whether pictures came, and came without a complaint."""
    inputs: list[tuple[str, Options]] = [
        # A little later than the keyframe: rounding must not land us one group earlier.
        (RESULT, _QUICKLY | {"ss": f"{place + _SEEK_MARGIN:.6f}", "t": _ELSEWHERE})
        if place
        else (RESULT, _QUICKLY | {"t": _BEGINNING})
        for place in places
    ]
    null: Options = {"map": [f"{number}:v:0" for number in range(len(inputs))], "f": "null"}
    frames = 0

    def heard(done: int, seconds: float) -> None:
        nonlocal frames
        frames = done

    runner = ffmpeg.command(str(job.ffmpeg), inputs, [("null", null)])
    outcome = ffmpeg.execute(runner, job.run(job.ffmpeg), heard)
    return outcome.code == 0 and frames > 0, not outcome.errors
