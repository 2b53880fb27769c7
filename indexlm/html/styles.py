"""Styles as they are written: a `style` attribute or the body of a rule."""

from __future__ import annotations

import re

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
