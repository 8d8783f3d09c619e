"""An organizer's colour on our pages: readable, whatever it is."""

import math
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contests import colours
from contests.colours import DARK, LIGHT, Theme, contrast
from videoshare.config import ROOT

WORDS, SHAPES = 4.5, 3  # WCAG 2.2, 1.4.3 and 1.4.11
TOKENS = (ROOT / "web/frontend/frame/tokens.css").read_text()
accents = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
themes = st.sampled_from([LIGHT, DARK])


def tokens(theme: Theme) -> dict[str, str]:
    """The tokens of the style sheet itself, as long `#rrggbb`; names of other tokens followed."""
    light, dark = (re.search(r":root \{(.*?)\}", part, re.DOTALL)[1] for part in halves())
    found = dict(re.findall(r"--([\w-]+): ([^;]+);", light))
    if theme.dark:
        found |= dict(re.findall(r"--([\w-]+): ([^;]+);", dark))
    for name, value in found.items():
        while other := re.fullmatch(r"var\(--([\w-]+)\)", found[name]):
            found[name] = found[other[1]]
        if re.fullmatch("#[0-9a-f]{3}", value):
            found[name] = "#" + "".join(each * 2 for each in value[1:])
    return found


def halves() -> tuple[str, str]:
    light, dark = TOKENS.split("@media (prefers-color-scheme: dark)")
    return light, dark


def too_faint(shown: dict[str, str]) -> list[tuple[str, str, float]]:
    """The pairs of tokens that pages lay on each other and that do not stand out enough."""
    grounds = ("paper", "surface", "sunken")
    words = [("on-fill", "fill"), ("on-fill", "fill-strong")]
    words += [(each, ground) for ground in grounds for each in ("ink", "muted", "bad")]
    tinted = (*grounds, "brand-soft")
    words += [(each, ground) for ground in tinted for each in ("brand", "brand-strong")]
    words += [("ink", "brand-soft"), ("muted", "brand-soft")]
    words += [(kind, f"{kind}-soft") for kind in ("info", "good", "warn", "bad", "odd")]
    shapes = [(each, ground) for ground in grounds for each in ("fill", "line-strong")]
    shapes += [("focus", ground) for ground in tinted]
    pairs = [(*pair, WORDS) for pair in words] + [(*pair, SHAPES) for pair in shapes]
    measured = [(one, on, least, contrast(shown[one], shown[on])) for one, on, least in pairs]
    return [(one, on, round(ratio, 2)) for one, on, least, ratio in measured if ratio < least]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_our_own_colours_stand_out(theme):
    assert too_faint(tokens(theme)) == []


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_grounds_are_those_of_the_style_sheet(theme):
    shown = tokens(theme)
    assert theme.grounds == (shown["paper"], shown["surface"], shown["sunken"])


@settings(max_examples=400, deadline=None)
@given(accents, themes)
@example("#000000", LIGHT)
@example("#000000", DARK)
@example("#ffffff", LIGHT)
@example("#ffffff", DARK)
@example("#ffff00", LIGHT)
@example("#0000ff", DARK)
def test_every_accent_stands_out(accent, theme):
    made = colours.properties(accent, theme)
    assert too_faint(tokens(theme) | made) == []
    assert made["fill"] != made["fill-strong"]


@settings(max_examples=200, deadline=None)
@given(accents, themes, st.sampled_from(["brand", "fill", "brand-soft"]))
def test_the_hue_is_the_organizers(accent, theme, name):
    _, chroma, hue = colours._oklch(accent)
    _, made_chroma, made_hue = colours._oklch(colours.properties(accent, theme)[name])
    turned = abs(math.remainder(hue - made_hue, math.tau))
    # What is nearly grey has no hue to keep; eight bits a channel blur it by so much.
    assert min(chroma, made_chroma) * turned < 0.006


def test_a_colour_that_stands_out_is_taken_as_it_is():
    made = colours.properties("#0B6358", LIGHT)
    assert (made["brand"], made["fill"], made["on-fill"]) == ("#0b6358", "#0b6358", "#ffffff")


def test_yellow_stays_yellow_on_dark_and_gets_black_words_on_light():
    assert colours.properties("#ffcc00", DARK)["fill"] == "#ffcc00"
    light = colours.properties("#ffcc00", LIGHT)
    assert (light["fill"], light["on-fill"]) == ("#a48301", "#000000")


def test_the_rules_for_light_and_dark():
    names = "brand|brand-strong|brand-soft|fill|fill-strong|on-fill|focus"
    one = rf"(--({names}):#[0-9a-f]{{6}};?){{7}}"
    pattern = rf":root{{{one}}}@media \(prefers-color-scheme:dark\){{:root{{{one}}}}}"
    assert re.fullmatch(pattern, colours.css("#ffcc00"))


@pytest.mark.parametrize(
    "text", ["", "red", "#fff", "#12345g", "#123456;}", "#123456\n", "#１23456"]
)
def test_nothing_else_reaches_a_style_sheet(text):
    with pytest.raises(ValueError, match="not a colour"):
        colours.css(text)


@pytest.mark.parametrize(
    "one, other, ratio",
    [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ffffff", 4.0)],
)
def test_contrast_as_others_measure_it(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
