"""Captions: whatever WebVTT or SubRip file people have becomes WebVTT and nothing else. Pure.

The times are read, what is shown is rewritten: a few tags that browsers know, all else as text. A
mistake in the times is refused with its line, since nobody would ever see that caption. webvtt-py
(MIT, alive, linear too) was no help: it leaves out what it can't read without a word or a line, and
leaves what is shown as it was.
"""

import codecs
import html
import re
from dataclasses import dataclass, field

from contests.reasons import Refused

MAX_BYTES = 512 * 1024

_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_HEAD = re.compile(r"WEBVTT(?:[ \t].*)?")
_NEVER_SHOWN = re.compile(r"NOTE(?:[ \t].*)?|STYLE|REGION")
_TIME = r"(?:(\d{1,4}):)?([0-5]?\d):([0-5]?\d)(?:[.,](\d{1,3}))?"
_TIMES = re.compile(rf"{_TIME}\s*-->\s*{_TIME}(?:\s(.*))?", re.ASCII)
_ALMOST_TIMES = re.compile(rf"{_TIME}\s*[-–—]*>", re.ASCII)  # with the arrow mistyped

_SHARE = r"(?:100|\d{1,2}(?:\.\d{1,3})?)%"
_SETTING = re.compile(
    rf"(?:(vertical):(?:rl|lr)"
    rf"|(line):(?:-?\d{{1,3}}|{_SHARE})(?:,(?:start|center|end))?"
    rf"|(position):{_SHARE}(?:,(?:line-left|center|line-right))?"
    rf"|(size):{_SHARE}"
    rf"|(align):(?:start|center|end|left|right))",
    re.ASCII,
)

# Nothing that was taken is given back (*+): a "<" is looked at once, however the file goes on.
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)([^<>\s]*+)([^<>]*+)>|<\d++:[\d:.]*+>")
_TAGS = {"b", "i", "u", "c", "v", "lang", "ruby", "rt"}
_ANNOTATED = {"v", "lang"}  # by who speaks, and in which language
_CLASS = re.compile(r"[\w-]{1,40}", re.ASCII)
_DEEPEST = 8  # tags within each other
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


@dataclass
class _Cue:
    """Lines shown from `start` to `end`, in milliseconds."""

    start: int
    end: int
    settings: str = ""
    lines: list[str] = field(default_factory=list)


def clean(data: bytes) -> str:
    """Return a file's captions as WebVTT, the earliest first; cleaning that again changes nothing.

    Raises `Refused`: captions_too_big (above MAX_BYTES), captions_empty, or captions_unreadable
    with the `line` that is wrong.
    """
    if len(data) > MAX_BYTES:
        raise Refused("captions_too_big")
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    lines = [line.strip() for line in _CONTROLS.sub("", text).split("\n")]
    cues = sorted(_cues(lines), key=lambda cue: cue.start)
    shown = [(cue, _shown("\n".join(filter(None, cue.lines)))) for cue in cues]
    blocks = [
        f"{_clock(cue.start)} --> {_clock(cue.end)}{cue.settings}\n{text}\n"
        for cue, text in shown
        if _TAG.sub("", text).strip()
    ]
    if not blocks:
        raise Refused("captions_empty")
    return "\n".join(["WEBVTT\n", *blocks])


def _decoded(data: bytes) -> str:
    for bom, encoding in _BOMS.items():
        if data.startswith(bom):
            content = data[len(bom) :]
            try:
                return content.decode(encoding)
            except UnicodeDecodeError as error:
                before = content[: error.start].decode(encoding)
                raise _unreadable(before.count("\n") + 1) from error
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _cues(lines: list[str]) -> list[_Cue]:
    """Find the cues of stripped lines. Text after an empty line still belongs to the cue before."""
    webvtt = _HEAD.fullmatch(lines[0])
    before = _Cue(0, 0, lines=[""])  # what stands before the first; its lines count from 1
    cues = [before]
    skipping = bool(webvtt)
    for number, line in enumerate(lines, 1):
        seen = cues[-1].lines
        hidden = webvtt and seen[-1:] == [""] and _NEVER_SHOWN.fullmatch(line)
        if ("-->" in line or _ALMOST_TIMES.match(line)) and not hidden:
            _drop_name(seen)
            cues.append(_begun(line, number))
            skipping = False
        else:
            skipping = bool(line and (skipping or hidden))
            seen.append("" if skipping else line)
    for number, line in enumerate(before.lines):
        if line:
            raise _unreadable(number)
    return cues[1:]


def _drop_name(lines: list[str]) -> None:
    """Drop a cue's number or name, which stands alone before its times, from the lines before."""
    alone = lines[-2:-1] == [""]
    if lines and (alone or (len(lines) > 1 and lines[-1].isdecimal())):
        lines.pop()


def _begun(line: str, number: int) -> _Cue:
    """The cue that a line of times begins."""
    found = _TIMES.fullmatch(line)
    if not found:
        raise _unreadable(number)
    *times, settings = found.groups()
    start, end = _milliseconds(*times[:4]), _milliseconds(*times[4:])
    if end <= start:
        raise _unreadable(number)
    known = [_SETTING.fullmatch(word) for word in (settings or "").split()]
    last = {each.lastindex: each[0] for each in known if each}
    return _Cue(start, end, "".join(f" {setting}" for setting in last.values()))


def _milliseconds(hours: str | None, minutes: str, seconds: str, fraction: str | None) -> int:
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int((fraction or "").ljust(3, "0"))


def _clock(milliseconds: int) -> str:
    seconds, fraction = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{fraction:03}"


def _shown(text: str) -> str:
    """Rewrite what a cue shows: safe tags, closed in order, and text."""
    done, opened, at = [], list[str](), 0
    for tag in _TAG.finditer(text):
        done += [_escaped(text[at : tag.start()]), _tag(tag, opened)]
        at = tag.end()
    done += [_escaped(text[at:]), *(f"</{name}>" for name in reversed(opened))]
    lines = [line.strip() for line in "".join(done).split("\n")]
    return "\n".join(filter(None, lines))


def _tag(found: re.Match[str], opened: list[str]) -> str:
    """What stands for a tag; `opened`: those that are open, which this changes."""
    slash, name, classes, note = found.groups(default="")  # no name: a word's time, in karaoke
    name = name.lower()
    if name == "br":
        return "\n"
    if slash:
        return _closed(name, opened)
    stray = name == "rt" and opened[-1:] != ["ruby"]
    if name not in _TAGS or stray or len(opened) == _DEEPEST:
        return ""
    opened.append(name)
    kept = "".join(f".{each}" for each in classes.split(".")[1:] if _CLASS.fullmatch(each))
    said = " ".join(_escaped(note).split()) if name in _ANNOTATED else ""
    return f"<{name}{kept} {said}>" if said else f"<{name}{kept}>"


def _closed(name: str, opened: list[str]) -> str:
    """Close a tag with all that was opened within it."""
    if name not in opened:
        return ""
    depth = len(opened) - 1 - opened[::-1].index(name)
    closing = "".join(f"</{each}>" for each in reversed(opened[depth:]))
    del opened[depth:]
    return closing


def _escaped(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        return re.sub(r"\s", " ", _CONTROLS.sub("", html.unescape(found[0])))

    return html.escape(_REFERENCE.sub(character, text), quote=False)


def _unreadable(line: int) -> Refused:
    return Refused("captions_unreadable", line=line)
