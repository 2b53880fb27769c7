"""Notes and explanations that a page shows beside a sentence, or when they are asked for, and writes inside it."""

from __future__ import annotations

from typing import Any

from indexlm.html.builder import BlockBuilder
from indexlm.html.hidden.rules import HiddenRules, is_dropped
from indexlm.html.marks import NOTE
from indexlm.html.permalinks import has_word
from indexlm.html.tags import BLOCK_LEVEL, shown_tag

_NOTES = ("tooltip", "note", "doc-footnote")
"""Roles of notes."""
_NOTE_TAGS = ("span", "small", "em", "i", "d-footnote")


def is_side_note(builder: BlockBuilder, rules: HiddenRules, element: Any, marks: int) -> bool:
    """Whether an inline element in a sentence is a note or an explanation that stands beside it."""
    is_named = marks & NOTE or element.tag == "d-footnote" or element.get("role") in _NOTES
    if not is_named or element.tag not in _NOTE_TAGS:
        return False
    if builder.hidden.frame is not None or builder.pre or builder.row is not None:
        return False
    if not builder.chars or not has_word("".join(element.itertext())):
        return False
    above = builder.frames[-1].hidden
    hidden = rules.reason(element, above)
    if hidden != above and is_dropped(element, hidden):
        return False
    return not any(shown_tag(inner) in BLOCK_LEVEL for inner in element.iter("*"))
