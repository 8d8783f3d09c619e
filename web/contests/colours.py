"""From an organizer's colour, the colours of a contest's pages: as near to it as contrast allows.

Pure. A colour keeps its hue; its lightness in OKLCH moves until it stands out enough, and its
chroma shrinks where sRGB ends. Formulas: Björn Ottosson, "A perceptual color space for image
processing" (https://bottosson.github.io/posts/oklab/) and WCAG 2.2, "relative luminance" and
"contrast ratio" (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

WORDS = 4.5  # the least contrast of words with their ground
SHAPES = 3.0  # that of what is no word: a button's face, a focus ring
NEARLY_WORDS = 3.75  # from here on, white words are worth a darker face

_HEX = re.compile(r"#[0-9a-f]{6}")
_STEP = 1 / 256  # of lightness, which runs from 0 (black) to 1 (white)
_HOVER = 0.07


@dataclass(frozen=True)
class Theme:
    """What an accent must stand out from: the same in frame/tokens.css, as a test sees to."""

    grounds: tuple[str, ...]  # --paper, --surface, --sunken
    words: tuple[str, ...]  # --ink, --muted: they stand on the tint
    dark: bool


LIGHT = Theme(("#f6f5f1", "#ffffff", "#eeece5"), ("#17211f", "#56625f"), dark=False)
DARK = Theme(("#0f1514", "#18201f", "#212b29"), ("#e7edeb", "#a2afac"), dark=True)


@lru_cache(maxsize=256)
def css(accent: str) -> str:
    """Return rules that give a page this accent (`#rrggbb`), for light and for dark.

    Raises ValueError for anything else, so that nothing else ever reaches a style sheet.
    """
    light, dark = (
        ";".join(f"--{name}:{colour}" for name, colour in properties(accent, theme).items())
        for theme in (LIGHT, DARK)
    )
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def properties(accent: str, theme: Theme) -> dict[str, str]:
    """Return the custom properties of tokens.css that an accent replaces, as `#rrggbb`."""
    accent = accent.lower()
    if not _HEX.fullmatch(accent):
        raise ValueError(f"not a colour: {accent!r}")
    _, chroma, hue = _oklch(accent)
    # Away from the grounds: darker on light ones, lighter on dark ones.
    away = 1 if theme.dark else -1

    soft = _tint(chroma, hue, theme)
    grounds = (*theme.grounds, soft)
    brand = _first(accent, away, lambda each: _stands_out(each, grounds, WORDS))
    fill = _first(accent, away, lambda each: _stands_out(each, theme.grounds, SHAPES))
    # White on red needs a darker red; on what is lighter, black looks better than brown would.
    if contrast(fill, "#ffffff") > NEARLY_WORDS:
        fill = _first(fill, -1, lambda each: contrast(each, "#ffffff") >= WORDS)
    on_fill = "#ffffff" if contrast(fill, "#ffffff") >= WORDS else "#000000"
    return {
        "brand": brand,
        "brand-strong": _shade(brand, away * _HOVER),
        "brand-soft": soft,
        "fill": fill,
        "fill-strong": _pressed(fill, on_fill, theme),
        "on-fill": on_fill,
        "focus": brand,
    }


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _tint(chroma: float, hue: float, theme: Theme) -> str:
    """A ground with a breath of the hue."""
    if theme.dark:
        return _srgb(0.31, min(chroma, 0.045), hue)
    return _srgb(0.945, min(chroma, 0.035), hue)


def _pressed(fill: str, on_fill: str, theme: Theme) -> str:
    """The button's face under the pointer: another shade on which its words can still be read."""
    shades = [_shade(fill, change) for change in (-_HOVER, _HOVER)]
    legible = [each for each in shades if each != fill and contrast(each, on_fill) >= WORDS]
    return next((each for each in legible if _stands_out(each, theme.grounds, SHAPES)), legible[0])


def _first(colour: str, direction: int, fits: Callable[[str], bool]) -> str:
    """The colour itself if it fits, else the next of its shades, on to black (-1) or white (1)."""
    if fits(colour):
        return colour
    steps = (_shade(colour, direction * step * _STEP) for step in range(1, 257))
    return next(each for each in steps if fits(each))


def _shade(colour: str, change: float) -> str:
    lightness, chroma, hue = _oklch(colour)
    return _srgb(lightness + change, chroma, hue)


def _stands_out(colour: str, grounds: Iterable[str], least: float) -> bool:
    return all(contrast(colour, ground) >= least for ground in grounds)


def _channels(colour: str) -> list[float]:
    """The red, green and blue of `#rrggbb` as light, linear, from 0 to 1."""
    bytes_ = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in bytes_]


def _luminance(colour: str) -> float:
    red, green, blue = _channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklch(colour: str) -> tuple[float, float, float]:
    """Lightness (0 to 1), chroma and hue (radians)."""
    r, g, b = _channels(colour)
    l_ = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    m_ = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    s_ = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    lightness = 0.2104542553 * l_ + 0.7936177850 * m_ - 0.0040720468 * s_
    along_a = 1.9779984951 * l_ - 2.4285922050 * m_ + 0.4505937099 * s_
    along_b = 0.0259040371 * l_ + 0.7827717662 * m_ - 0.8086757660 * s_
    return lightness, math.hypot(along_a, along_b), math.atan2(along_b, along_a)


def _srgb(lightness: float, chroma: float, hue: float) -> str:
    """As `#rrggbb`, with as much of the chroma as sRGB can show at this lightness."""
    lightness = min(max(lightness, 0.0), 1.0)
    for share in range(32, -1, -1):
        light = _linear(lightness, chroma * share / 32, hue)
        if all(-1e-4 <= each <= 1 + 1e-4 for each in light):
            break
    return "#" + "".join(f"{_byte(each):02x}" for each in light)


def _linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    along_a, along_b = chroma * math.cos(hue), chroma * math.sin(hue)
    l_ = (lightness + 0.3963377774 * along_a + 0.2158037573 * along_b) ** 3
    m_ = (lightness - 0.1055613458 * along_a - 0.0638541728 * along_b) ** 3
    s_ = (lightness - 0.0894841775 * along_a - 1.2914855480 * along_b) ** 3
    return (
        4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_,
        -1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_,
        -0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_,
    )


def _byte(light: float) -> int:
    light = min(max(light, 0.0), 1.0)
    shown = light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return round(shown * 255)
