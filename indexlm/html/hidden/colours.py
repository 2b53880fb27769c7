"""Colours as style sheets write them, and whether text of one can be read on another."""

from __future__ import annotations

import re
from colorsys import hls_to_rgb
from functools import lru_cache
from typing import NamedTuple

from indexlm.text import word_set

# The basic names, and those that are nearly white, on which white text is lost.
_HEX_OF = dict(
    pair.split(":")
    for pair in word_set(
        "white:ffffff snow:fffafa ivory:fffff0 ghostwhite:f8f8ff whitesmoke:f5f5f5 floralwhite:fffaf0 azure:f0ffff "
        "mintcream:f5fffa honeydew:f0fff0 aliceblue:f0f8ff seashell:fff5ee oldlace:fdf5e6 linen:faf0e6 beige:f5f5dc "
        "lavenderblush:fff0f5 lightyellow:ffffe0 cornsilk:fff8dc lightcyan:e0ffff lavender:e6e6fa gainsboro:dcdcdc "
        "black:000000 silver:c0c0c0 gray:808080 grey:808080 red:ff0000 maroon:800000 yellow:ffff00 olive:808000 "
        "lime:00ff00 green:008000 aqua:00ffff cyan:00ffff teal:008080 blue:0000ff navy:000080 fuchsia:ff00ff "
        "magenta:ff00ff purple:800080 orange:ffa500 pink:ffc0cb brown:a52a2a darkgray:a9a9a9 darkgrey:a9a9a9 "
        "lightgray:d3d3d3 lightgrey:d3d3d3 darkblue:00008b darkgreen:006400 darkred:8b0000 gold:ffd700 tomato:ff6347"
    )
)
_COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|(?:rgb|hsl)a?\([^()]*\)|\b[a-z]{3,}\b(?!\s*\()")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)%?|none")
_READABLE = 1.12  # the contrast (WCAG 2, from 1 to 21) below which text is not seen


class Colour(NamedTuple):
    """Red, green and blue, and how much covers what is below; each from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0


WHITE = Colour(1.0, 1.0, 1.0)


@lru_cache(maxsize=1024)
def read_colour(value: str) -> Colour | None:
    """A value in lower case, such as that of `background` -> the first colour in it; None for none that is known."""
    for match in _COLOUR.finditer(value):
        text = match.group()
        if text == "transparent":
            return Colour(0.0, 0.0, 0.0, 0.0)
        if text[0] == "#" or text in _HEX_OF:
            return _read_hex(text[1:] if text[0] == "#" else _HEX_OF[text])
        if text[:3] in ("rgb", "hsl") and "(" in text:
            return _read_function(text)
    return None


def _read_hex(digits: str) -> Colour | None:
    if len(digits) in (3, 4):
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) not in (6, 8):
        return None
    return Colour(*(int(digits[i : i + 2], 16) / 255 for i in range(0, len(digits), 2)))


def _read_function(text: str) -> Colour | None:
    numbers = _NUMBER.findall(text)
    if not 3 <= len(numbers) <= 4:
        return None
    is_rgb = text.startswith("rgb")
    parts = [_share(n, 255.0 if is_rgb else 100.0) for n in numbers[:3]]
    alpha = _share(numbers[3], 1.0) if len(numbers) > 3 else 1.0
    if is_rgb:
        return Colour(parts[0], parts[1], parts[2], alpha)
    degrees = 0.0 if numbers[0] == "none" else float(numbers[0].rstrip("%"))
    return Colour(*hls_to_rgb(degrees / 360.0 % 1.0, parts[2], parts[1]), alpha)


def _share(number: str, whole: float) -> float:
    """A number as written -> its share of `whole`, from 0 to 1."""
    if number == "none":
        return 0.0
    value = float(number[:-1]) / 100.0 if number.endswith("%") else float(number) / whole
    return min(1.0, max(0.0, value))


def is_lost(text: Colour, background: Colour) -> bool:
    """Whether text of one colour cannot be told from its background."""
    if background.alpha < 1.0:
        return False  # what is below it is not known
    shown = [a * text.alpha + b * (1.0 - text.alpha) for a, b in zip(text[:3], background[:3], strict=True)]
    one, other = sorted((_luminance(shown), _luminance(background[:3])))
    same_hue = max(abs(a - b) for a, b in zip(shown, background[:3], strict=True)) < 0.1
    return same_hue and (other + 0.05) / (one + 0.05) < _READABLE


def _luminance(parts: list[float] | tuple[float, ...]) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
