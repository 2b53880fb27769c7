"""Lines of a printed page that was made HTML: each an element at a place of its own, whatever sentence it stands in."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from indexlm.html.tags import HEADINGS
from indexlm.page import Block

_AT_A_PLACE = re.compile(r"position\s*:\s*absolute", re.IGNORECASE)
_LINE_CLASS = re.compile(r"t m\w+ x\w+ h\w+ y\w+")  # of pdf2htmlEX
_ENDS = tuple(".!?:;…。！？")
_SHORTEST = 20  # characters of a line that goes on in the next


def is_line(element: Any) -> bool:
    """Whether an element is a line at a place of its own."""
    if element.tag not in ("p", "div"):
        return False
    return bool(_AT_A_PLACE.search(element.get("style") or "") or _LINE_CLASS.match(element.get("class") or ""))


def join_lines(block: Block, following: Block) -> Block | None:
    """Two lines, the second with a small letter at its begin -> one block, where the first goes on in it; else None."""
    text, more = block.text, following.text
    if block.tag in HEADINGS or block.tag != following.tag or len(text) < _SHORTEST or text.endswith(_ENDS):
        return None
    if block.hidden_by != following.hidden_by:
        return None
    is_cut = text[-1] in "-\u2010" and text[-2].isalpha()
    if is_cut and block.inner.endswith(text[-1]):
        text, inner = text[:-1] + more, block.inner[:-1] + following.inner
    else:
        text, inner = f"{text} {more}", f"{block.inner} {following.inner}"
    chars, link_chars = block.chars + following.chars, block.link_chars + following.link_chars
    return replace(block, text=text, inner=inner, chars=chars, link_chars=link_chars)
