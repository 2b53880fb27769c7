"""What class names and styles say of an element, for the walk: formulas, boxes, lines; read once for each text."""

from __future__ import annotations

import re
from enum import IntFlag
from functools import lru_cache
from typing import Any


class Marks(IntFlag):
    """What a text of class names, or a style, says.

    DROPPED: a wiki's link to edit a section, or back from a note.
    FORMULA: TeX, between delimiters or as data.
    BOX: the box of a task.
    BOXES: the elements in it are boxes beside one another, so that space parts them.
    LINES: a newline in its text ends a line.
    """

    DROPPED = 1
    FORMULA = 2
    BOX = 4
    BOXES = 8
    LINES = 16
    REPLACED = DROPPED | FORMULA | BOX


_PATTERNS = (
    (Marks.DROPPED, re.compile(r"mw-editsection|mw-cite-backlink")),
    (Marks.FORMULA, re.compile("math|atex")),
    (Marks.BOX, re.compile(r"check-?box|(?:task|to-?do)[\w-]*(?:box|check)", re.IGNORECASE)),
    (
        Marks.BOXES,
        re.compile(r"(?:^|\s)(?:inline-)?(?:d-)?(?:flex|grid)(?:$|\s)|display\s*:\s*(?:inline-)?(?:flex|grid)", re.I),
    ),
    (
        Marks.LINES,
        re.compile(
            r"(?:^|\s)whitespace-(?:pre-wrap|pre-line|break-spaces)(?:$|\s)"
            r"|white-space\s*:\s*(?:pre-wrap|pre-line|break-spaces)",
            re.IGNORECASE,
        ),
    ),
)
_ON = re.compile(r"(?:^|[\s_-])(?:on|checked|done|complete[d]?|true)(?:$|[\s_-])", re.IGNORECASE)
_OFF = re.compile(r"(?:^|[\s_-])(?:off|unchecked|open|empty|false|todo)(?:$|[\s_-])", re.IGNORECASE)


@lru_cache(maxsize=8192)
def read_marks(names: str) -> int:
    """A `class` attribute or a style -> its `Marks`."""
    marks = 0
    for mark, pattern in _PATTERNS:
        if pattern.search(names):
            marks |= mark
    return int(marks)


def box_state(names: str, element: Any) -> bool | None:
    """Whether an empty element whose names say that it is a task's box is ticked; None where it is no such box."""
    if len(element) or (element.text or "").strip():
        return None
    state = element.get("aria-checked")
    if state in ("true", "false"):
        return bool(state == "true")
    if _ON.search(names):
        return True
    return False if _OFF.search(names) else None
