"""Captions files: what is read, what is shown, what is refused."""

import contextlib
import html
import json
import os
import random
import re
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contests import captions
from contests.reasons import Refused
from videoshare.config import ROOT

TIMES = "00:00:01.000 --> 00:00:02.000"

MARKUP = [
    *("<b>", "</b>", "<i", "<v.a  Bob &amp; <", "<c.x.y>", "<ruby>", "<rt>", "</ruby>", "<br>"),
    *("<script>", "<00:01.000>", ">", "&lt;", "&#60;", "&#10;", "&#x0;", "&am", "p;", "&nbsp;"),
    *("ñ", " ", "\0", "\n", "\n\n", "\r", "\u2028", "\u202e"),
]
LINES = [
    *("WEBVTT", "NOTE x", "STYLE", "1", "-->", "->"),
    *("00:01 --> 00:02", "0:0:1,5 --> 1:00:02,25 align:end"),
]
TEXTS = st.lists(st.sampled_from(MARKUP + LINES) | st.text(max_size=5), max_size=40).map("".join)
CUES = st.lists(TEXTS, min_size=1, max_size=4).map(lambda texts: with_times(*texts))


def with_times(*texts):
    return "".join(f"\n\n{TIMES}\n{text}" for text in texts)


def shown(text):
    """What becomes of a cue's text."""
    cleaned = captions.clean(f"{TIMES}\n{text}".encode())
    return cleaned.removeprefix(f"WEBVTT\n\n{TIMES}\n").removesuffix("\n")


def refused(content):
    with pytest.raises(Refused) as caught:
        captions.clean(content if isinstance(content, bytes) else content.encode())
    return caught.value.code, caught.value.line


def test_subrip():
    content = (
        "1\r\n00:00:03,500 --> 00:00:04,000 X1:40 X2:600\r\nSegundo\r\nde dos líneas\r\n\r\n"
        "2\r\n00:00:01,5 --> 00:00:03\r\nPrimero\r\n"
    )
    assert captions.clean(content.encode()) == (
        "WEBVTT\n\n00:00:01.500 --> 00:00:03.000\nPrimero\n\n"
        "00:00:03.500 --> 00:00:04.000\nSegundo\nde dos líneas\n"
    )


def test_webvtt_without_what_is_never_shown():
    content = f"""WEBVTT - a title
Kind: captions

STYLE
::cue {{ background: url(https://example.org/) }}

REGION
id:left

NOTE to --> myself
more

a name
{TIMES} region:left align:start line:90%,end vertical:up position:10% align:end size:101%
Hello

NOTE
bye"""
    assert captions.clean(content.encode()) == (
        f"WEBVTT\n\n{TIMES} align:end line:90%,end position:10%\nHello\n"
    )


@pytest.mark.parametrize(
    "before, after",
    [
        ("1\n%s\nA\n2\n%s\nB", "%s\nA\n\n%s\nB"),  # no empty line
        ("%s\nA\n\nB\n\n%s\nC", "%s\nA\nB\n\n%s\nC"),  # too many
        ("%s\n1984\n\n%s\nB", "%s\n1984\n\n%s\nB"),  # a number that is shown
        ("%s\n<i></i>\n\n%s\nB", "%s\nB"),  # nothing to show
        ("WEBVTT\n\n%s\nNOTE A\n\n%s\nB", "%s\nNOTE A\n\n%s\nB"),  # a note that is shown
    ],
)
def test_where_cues_begin_and_end(before, after):
    assert captions.clean(before.replace("%s", TIMES).encode()) == (
        f"WEBVTT\n\n{after.replace('%s', TIMES)}\n"
    )


@pytest.mark.parametrize(
    "before, after",
    [
        ("<I>a</I> <font color='red'>b</font>", "<i>a</i> b"),
        ("I <3 you & me -> 'there'", "I &lt;3 you &amp; me -&gt; 'there'"),
        ("<v.loud.a&b  Ana  & Bo>Hi", "<v.loud Ana &amp; Bo>Hi</v>"),
        ("<lang es-MX>ya</lang><c.red note>c", "<lang es-MX>ya</lang><c.red>c</c>"),
        ("<b><i>a</b>b</i>", "<b><i>a</i></b>b"),
        ("<ruby>漢<rt>kan</ruby> <rt>x", "<ruby>漢<rt>kan</rt></ruby> x"),
        ("<script src=x>alert(1)</script>", "alert(1)"),
        ("&lt;b&gt; &#60;i&#62; &nope; &amp;lt;", "&lt;b&gt; &lt;i&gt; &amp;nope; &amp;lt;"),
        ("a<br/>b &NewLine;&#10; c<00:00:01.500>d", "a\nb    cd"),
        ("<b>" * 9 + "a", "<b>" * 8 + "a" + "</b>" * 8),
        ("a\0\x1b[31m&#x81;", "a[31m"),
    ],
)
def test_what_is_shown(before, after):
    assert shown(before) == after


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_encodings(encoding):
    assert "\n¿Qué pasó, señor?\n" in captions.clean(f"{TIMES}\n¿Qué pasó, señor?".encode(encoding))


def test_bytes_that_windows_leaves_out_are_no_hindrance():
    assert "aé\n" in captions.clean(f"{TIMES}\na".encode() + b"\x81\xe9")


@pytest.mark.parametrize(
    "content, line",
    [
        ("Dear diary,\ntoday", 1),
        ("\n\n[Script Info]", 3),
        ("WEBVTT\n\nlost\n\n1\n00:01.000 --> 00:02.000\na", 3),
        (f"{TIMES}\na\n\n00:00:03.000 –> 00:00:04.000\nb", 4),
        ("1\n00:00:61,000 --> 00:00:62,000\na", 2),
        ("1\n00:00:02,000 --> 00:00:01,000\na", 2),
        ("1\n00:00:02,000 --> 00:00:02,000\na", 2),
        ("WEBVTT\r\n\r\n00:01 --> 00:0٣\r\na", 3),
        (b"\xef\xbb\xbfWEBVTT\n\n\xff", 3),
        ("WEBVTT\n\n".encode("utf-16") + b"x", 3),
        (b"\x89PNG\r\n\x1a\n\0\0", 1),
    ],
)
def test_the_line_that_is_wrong(content, line):
    assert refused(content) == ("captions_unreadable", line)


@pytest.mark.parametrize("content", ["", "\ufeff", " \n\n", "WEBVTT\n\nNOTE x", f"{TIMES}\n<i>"])
def test_nothing_to_show(content):
    assert refused(content) == ("captions_empty", None)


def test_too_big():
    content = f"{TIMES}\na".encode()
    assert captions.clean(content.ljust(captions.MAX_BYTES))
    assert refused(content.ljust(captions.MAX_BYTES + 1)) == ("captions_too_big", None)


@given(TEXTS.map(str.encode) | CUES.map(str.encode) | st.binary())
@example(f"{TIMES}\n&#{'9' * 5000};".encode())  # more digits than Python reads
def test_whatever_comes_is_refused_or_clean(content):
    with contextlib.suppress(Refused):
        cleaned = captions.clean(content)
        assert captions.clean(cleaned.encode()) == cleaned
        head, *cues = cleaned.removesuffix("\n").split("\n\n")
        assert head == "WEBVTT"
        for times, text in (cue.split("\n", 1) for cue in cues):
            assert re.fullmatch(r"\d\d:\d\d:[\d.]{6} --> \d\d:\d\d:[\d.]{6}( align:end)?", times)
            assert stray(text) == ""


def stray(text):
    """The markup that is left when well-nested known tags are taken away."""
    known = r"<(b|i|u|c|v|lang|ruby|rt)(?:\.[\w-]+)*(?: [^<>\n]+)?>([^<>]*)</\1>"
    while (less := re.sub(known, r"\2", text)) != text:
        text = less
    return re.sub(r"[^<>&]|&(lt|gt|amp);", "", text)


# Beginnings, and what might be looked at again and again when it fills the rest of a file.
WORST = {
    "": ["\n", "\r", "1\n\n", "00:01 ", f"{TIMES}\n1\n"],
    f"{TIMES} ": ["align:end ", "-->"],
    f"{TIMES}\n": ["<", "<b", "<b>", "<b></i>", "<c.", "<0:", "&", "&#9", "\t", "1"],
    f"{TIMES}\n<v": ["\t", "a", "."],
}
SCRIPT = """
import contextlib, json, sys
from contests import captions
for start, parts in json.load(sys.stdin).items():
    for part in parts:
        with contextlib.suppress(captions.Refused):
            captions.clean((start + part * captions.MAX_BYTES).encode()[:captions.MAX_BYTES])
"""


@pytest.mark.slow
def test_the_worst_files_take_no_longer_than_in_proportion_to_their_size():
    # All of them take some seconds; one that were looked at again and again would take hours.
    environ = os.environ | {"PYTHONPATH": str(ROOT / "web")}
    words = [sys.executable, "-c", SCRIPT]
    subprocess.run(words, input=json.dumps(WORST), text=True, env=environ, check=True, timeout=120)


READ = """content => new Promise((done, fail) => {
    const track = document.createElement("track")
    track.src = URL.createObjectURL(new Blob([content], {type: "text/vtt"}))
    track.onload = () => done([...track.track.cues].map(cue =>
        [cue.startTime, cue.endTime, cue.line, cue.align, cue.getCueAsHTML().textContent]))
    track.onerror = fail
    document.body.appendChild(document.createElement("video")).append(track)
    track.track.mode = "hidden"
})"""


@pytest.mark.browser
@pytest.mark.slow
def test_a_browser_reads_every_cue_and_shows_its_text(page):
    content = "1\n00:00,5 --> 100:00:00 line:3 align:end\n<v Bo & Al>Hi</v>\n1 < 2 &amp; 3"
    cues = page.evaluate(READ, captions.clean(content.encode()))
    assert cues == [[0.5, 360_000, 3, "end", "Hi\n1 < 2 & 3"]]

    texts = ["".join(random.Random(seed).choices(MARKUP, k=15)) for seed in range(300)]
    cleaned = captions.clean(with_times(*texts).encode())
    _, *blocks = cleaned.removesuffix("\n").split("\n\n")
    assert len(blocks) > 250
    plain = [html.unescape(re.sub(r"<[^>]*>", "", each.split("\n", 1)[1])) for each in blocks]
    assert [text for *_, text in page.evaluate(READ, cleaned)] == plain
