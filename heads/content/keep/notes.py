"""Notes to a text and boxes of facts about it: they are kept with the text that they belong to."""

from __future__ import annotations

import re
from functools import lru_cache

from indexlm.labels import shared_depth
from indexlm.page import Block, Page
from indexlm.paths import paths_of

_MARK = re.compile(r'<a href="[^"]*#[^"]+">(?:<\w+>)*[\[(]?(\d{1,3}|[a-z]|[*†‡§]{1,3})[\])]?(?:</\w+>)*</a>')
"""A link within the page whose text is the mark of a note."""
_BEGIN = re.compile(r"(?:<\w+>|[\[(\s^])*")  # of a note, before its mark
_LINK_MARK = re.compile(r"\[\d{1,3}\]")
_ADDRESS = re.compile(r"(\[\d{1,3}\])\s*(?:https?://|mailto:|www\.)")
"""A line of a printed page: the mark of a link, and where it leads."""
_LEAST = 3  # words of a note
_MAX_NAMED = 0.5  # characters of named notes beside those of the kept text; terms of an offer may have more
_NOTES = re.compile(r"\.(?:(?:foot|end)notes|\w*fu(?:ss|ß)noten?|corrections?|errat(?:um|a))(?:\.|$)")
_LISTED = re.compile(r"\.(?:foot|end)notes(?:\.|$)")
"""Names of notes that are items of a list; sites call their legal notices so as well."""
_FACTS = re.compile(r"\.infobox(?:\.|$)")


def keep_named_notes(page: Page, kept: set[int]) -> None:
    """Keep notes and corrections by their names, behind the kept text, and boxes of facts beside it."""
    if not kept:
        return
    first, last = min(kept), page.blocks[max(kept) - 1]
    named = (page.blocks[i - 1] for i in paths_of(page).those(_is_note))
    notes = [block for block in named if block.index >= first - 1 and 2 * block.link_chars <= block.chars]
    facts = [page.blocks[i - 1] for i in paths_of(page).those(_is_fact)]
    if 2 * sum(block.link_chars for block in facts) <= sum(block.chars for block in facts):
        notes += facts
    found = {b.index: b.chars for b in notes if not (b.hidden or b.index in kept) and shared_depth(b, last) > 1}
    if sum(found.values()) <= _MAX_NAMED * sum(page.blocks[i - 1].chars for i in kept):
        kept.update(found)


def keep_marked_notes(page: Page, kept: set[int]) -> None:
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


def keep_addresses_of_links(page: Page, kept: set[int]) -> None:
    """Keep the lines that say where the links of a text lead, as printed pages do: `[1] https://…`."""
    lists = [
        (block.index, [_ADDRESS.match(line) for line in block.text.split("\n")])
        for block in page.blocks[min(kept, default=0) :]
        if block.text.startswith("[") and block.index not in kept and not block.hidden
    ]
    if lists:
        held = {mark for i in kept for mark in _LINK_MARK.findall(page.blocks[i - 1].text)}
        kept.update(i for i, marks in lists if all(marks) and any(match[1] in held for match in marks if match))


def _begins_with_mark(block: Block) -> str:
    begin = _BEGIN.match(block.inner)
    match = _MARK.match(block.inner, begin.end() if begin else 0)
    is_note = match is not None and block.tag not in ("th", "tr") and block.text.count(" ") >= _LEAST
    return match[1] if match is not None and is_note and not block.hidden else ""


@lru_cache(maxsize=4096)
def _is_fact(path: tuple[str, ...]) -> bool:
    """Whether a path is that of a box of facts about what a text is about."""
    return any(map(_FACTS.search, path))


@lru_cache(maxsize=4096)
def _is_note(path: tuple[str, ...]) -> bool:
    """Whether a path is that of a note to a text, or of a correction of it."""
    if not any(map(_NOTES.search, path)):
        return False
    return not any(map(_LISTED.search, path)) or any(label.partition(".")[0] == "li" for label in path)
