"""Styles as they are written: a `style` attribute or the body of a rule."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SPECK_FONT = re.compile(r"0*(?:\.0*)?(?:px|pt|r?em|%)?|(?:0?\.\d+|1(?:\.0*)?)(?:px|pt)")
_OF_PARENT = re.compile(r"[\d.]+(?:em|ex|ch|%)|inherit|unset|smaller|larger")
_FONT_SIZE = re.compile(r"(?:^|\s)(\d*\.?\d+(?:px|pt|r?em|%)?)(?=[\s/])")
_BESIDE = re.compile(r"\s*([(),/])\s*")


def read_style(style: str) -> dict[str, str]:
    """A `style` attribute or the body of a rule -> its values by property, in lower case, with single spaces."""
    pairs = (declaration.partition(":") for declaration in style.lower().split(";"))
    return {name.strip(): _plain(value) for name, _, value in pairs if value}


def _plain(value: str) -> str:
    if "!important" in value:
        value = value.replace("!important", "")
    value = " ".join(value.split())
    return _BESIDE.sub(r"\1", value) if "(" in value else value


def font_size(style: Mapping[str, str]) -> str:
    """A style -> its font size as it is written, or else that of the parent."""
    if "font" in style and (match := _FONT_SIZE.search(style["font"])):
        return match.group(1)
    return style.get("font-size", "1em")


def is_speck_font(size: str) -> bool:
    """Whether text of a font size is too small to be seen."""
    return _SPECK_FONT.fullmatch(size) is not None


def is_sized(size: str) -> bool:
    """Whether text of a font size is seen whatever the size around it."""
    return not (is_speck_font(size) or _OF_PARENT.fullmatch(size))
