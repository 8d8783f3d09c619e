"""`python -m workerjob convert SOURCE OUTDIR`: one file by hand, with no database or queue."""

import argparse
import dataclasses
import json
from pathlib import Path

from contests.reasons import Refused, text
from workerjob.convert import Converted, convert
from workerjob.job import DEFAULTS, Tools


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
        "partial": done.partial,
    }
