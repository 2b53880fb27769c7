"""Tables of changed lines, as hosts of code show what a commit changes: one line a row, behind its numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

_LINE = re.compile(r"(?:^|\s)(?:blob-code|line_content|lines-code|diff-text-cell|diff-line-code)(?:$|\s)")
_NO_CHANGE = re.compile(r"hunk|match|expan", re.IGNORECASE)
_ADDED = re.compile(r"addition|(?:^|[\s_-])(?:add|added|new|insert)(?:$|[\s_-])", re.IGNORECASE)
_REMOVED = re.compile(r"deletion|(?:^|[\s_-])(?:del|deleted|old|remove|removed)(?:$|[\s_-])", re.IGNORECASE)
_CHANGED = re.compile(r"addition|deletion|(?:add|del)-code|\bdiff|(?:^|\s)(?:new|old)(?:$|\s)", re.IGNORECASE)
_FEW_ROWS = 3


def diff_rows(table: Any) -> Sequence[Any]:
    """A table -> its rows, if each of them is a line of code behind numbers, and lines are added or removed."""
    if not all(_ends_in_line(row) for row in islice(table.iter("tr"), _FEW_ROWS)):
        return ()
    rows = [row for row in table.iter("tr") if len(row)]
    has_changes = any(_CHANGED.search(f"{row.get('class') or ''} {row[-1].get('class') or ''}") for row in rows)
    is_unified = all(_ends_in_line(row) and not any(map(_is_line, row[:-1])) for row in rows)
    return rows if has_changes and is_unified else ()


def _ends_in_line(row: Any) -> bool:
    return len(row) > 1 and _is_line(row[-1])


def _is_line(cell: Any) -> bool:
    return cell.tag == "td" and _LINE.search(cell.get("class") or "") is not None


def diff_sign(line: Any) -> str:
    """The cell of a line -> the sign that it begins with, where its text does not hold it."""
    names = f"{line.get('class') or ''} {line.getparent().get('class') or ''}"
    if _NO_CHANGE.search(names) or next(line.iter("span"), line).get("class", "").endswith("diff-text-marker"):
        return ""
    return "+" if _ADDED.search(names) else "-" if _REMOVED.search(names) else " "
