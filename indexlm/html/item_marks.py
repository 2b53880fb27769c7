"""Numbers and signs of items that a page lays beside their text, as laws and old pages do: `(a)`, `2.`, `•`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

from indexlm.html.frame import Frame
from indexlm.html.tags import BLOCK_LEVEL
from indexlm.page import Block
from indexlm.patterns import late

MOST_MARKS = 16  # characters of an item's number, with that of the item around it
_MOST_MARK = 8
_MARK = late(
    r"\(?(?:\d{1,3}(?:\.\d{1,2}){0,2}|[a-zA-Z]|[ivxlIVXL]{1,6})[.)]|§+ ?\d{1,4}[a-z]?|\[\d{1,3}\]|[•·▪■●○◦‣–—*-]"
)
_NOTE_MARK = late(r"[\[(]?(?:\d{1,3}|[a-z]|[ivx]{1,5}|[*†‡§¶]{1,3}|[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3})[\])⁾]?[.:]?", re.IGNORECASE)
_NOTE_NAMES = late(r"(?:foot|end)-?note|footdef|(?:^|[\s_-])fn(?:$|[\s\d_-])|ftn\d|doc-(?:foot|end)note", re.IGNORECASE)
_LAST = frozenset(".)]•·▪■●○◦‣–—*-")  # characters of a mark, but for that of a section (§)
_HOLDERS = ("td", "dt", "div", "p", "span")
_AROUND = ("div", "section", "article", "li", "dd")
_MOST_BEFORE = 5  # elements before the first block beside a mark
_MOST_PARTS = 3  # of what holds a mark and its text
_LEVELS = 3  # from a mark's text up to what stands beside it


def is_mark(text: str) -> bool:
    """Whether a text is the number or the sign of an item, and nothing more."""
    return len(text) <= _MOST_MARK and _MARK.fullmatch(text) is not None


def holder_of(block: Block, frames: Sequence[Frame]) -> Frame | None:
    """A block, and the open elements -> the element that holds it and its text, if it is the mark of an item.

    Between a mark and its text stands nothing: they are two cells, a term and its definition, or the two parts of an
    element that holds no more, or the mark begins an element of blocks. The mark of a note may also stand directly in
    the note, before its paragraphs.
    """
    if block.hidden:
        return None
    if frames[-1].node and _heads_note(block.text, frames[-1].element):
        return frames[-1]
    if block.number and block.text == str(block.number) and _begins_step(frames[-1].element):
        return frames[-1]
    may_be_marks = block.text.rstrip()[-1:] in _LAST or "§" in block.text
    if not may_be_marks or not all(map(is_mark, block.text.split())):
        return None
    if _begins(frames[-1].element, block.text):
        return frames[-1]
    for frame, above in zip(frames[: -_LEVELS - 1 : -1], frames[-2::-1], strict=False):
        element = frame.element
        if element.tag not in _HOLDERS:
            return None
        text = element.getnext()
        if text is not None:
            return above if _are_two(element, text) else None
        if element.getprevious() is not None:
            return None
    return None


def _begins_step(element: Any) -> bool:
    """Whether an element begins an item that goes on behind it."""
    around, after = element.getparent(), element.getnext()
    is_first = around.tag == "li" and element.getprevious() is None and not (around.text or "").strip()
    return is_first and after is not None and any(not part.isspace() for part in after.itertext("*"))


def repeats_number(block: Block) -> bool:
    """Whether the mark of an item is the number that its list gives it."""
    return block.number > 0 and block.text.strip("().") == str(block.number)


def _begins(element: Any, mark: str) -> bool:
    """Whether a mark is all that an element holds before its first block, which holds text."""
    if element.tag not in _AROUND:
        return False
    before = [element.text or ""]
    for child in islice(element, _MOST_BEFORE):
        if child.tag in BLOCK_LEVEL:
            return "".join(before).split() == mark.split() and any(not part.isspace() for part in child.itertext("*"))
        before += child.itertext()
        before.append(child.tail or "")
    return False


def _heads_note(text: str, note: Any) -> bool:
    """Whether a text is the mark of the note that it begins, which goes on with a block."""
    if len(text) > _MOST_MARK or not _NOTE_MARK.fullmatch(text):
        return False
    if not any(_NOTE_NAMES.search(note.get(name) or "") for name in ("class", "id", "role")):
        return False
    first = next(iter(note), None)  # to count children takes as long as there are many
    return first is not None and first.tag not in BLOCK_LEVEL and note[-1].tag in BLOCK_LEVEL


def _are_two(mark: Any, text: Any) -> bool:
    if (mark.tag, text.tag) not in (("td", "td"), ("dt", "dd")):
        is_pair = mark.getprevious() is None and len([*islice(mark.getparent(), _MOST_PARTS + 1)]) <= _MOST_PARTS
        if not is_pair or text.tag not in _HOLDERS or mark.tag == "p":
            return False
    return any(not part.isspace() for part in text.itertext("*", with_tail=True))
