"""Notes at the end of a text: they are kept with the text that they belong to."""

from __future__ import annotations

import re

from indexlm.page import Block, Page

_MARK = re.compile(r'<a href="[^"]*#[^"]+">(?:<\w+>)*[\[(]?(\d{1,3}|[a-z]|[*†‡§]{1,3})[\])]?(?:</\w+>)*</a>')
"""A link within the page whose text is the mark of a note."""
_BEGIN = re.compile(r"(?:<\w+>|[\[(\s^])*")  # of a note, before its mark
_LEAST = 3  # words of a note


def keep_notes(page: Page, kept: set[int]) -> None:
    """Keep the blocks behind the kept text that begin with a mark that stands in it and links to the other."""
    if not kept:
        return
    marks: set[str] = set()
    for block in page.blocks:
        if block.link_chars == 0 or "#" not in block.inner:
            continue
        if block.index in kept:
            marks.update(match[1] for match in _MARK.finditer(block.inner))
        elif marks and _begins_with_mark(block) in marks:
            kept.add(block.index)


def _begins_with_mark(block: Block) -> str:
    begin = _BEGIN.match(block.inner)
    match = _MARK.match(block.inner, begin.end() if begin else 0)
    is_note = match is not None and block.tag not in ("th", "tr") and block.text.count(" ") >= _LEAST
    return match[1] if match is not None and is_note and not block.hidden else ""
