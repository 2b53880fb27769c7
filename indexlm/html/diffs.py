"""Tables of changed lines, as hosts of code show what a commit changes: one line a row, behind its numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

from lxml import etree

from indexlm.patterns import late

_LINE = late(r"(?:^|\s)(?:blob-code|line_content|lines-code|diff-text-cell|diff-line-code)(?:$|\s)")
_NO_CHANGE = late(r"hunk|match|expan", re.IGNORECASE)
_ADDED = late(r"addition|(?:^|[\s_-])(?:add|added|new|insert)(?:$|[\s_-])", re.IGNORECASE)
_REMOVED = late(r"deletion|(?:^|[\s_-])(?:del|deleted|old|remove|removed)(?:$|[\s_-])", re.IGNORECASE)
_CHANGED = late(r"addition|deletion|(?:add|del)-code|\bdiff|(?:^|\s)(?:new|old)(?:$|\s)", re.IGNORECASE)
_FEW_ROWS = 3


def diff_rows(table: Any) -> Sequence[Any]:
    """A table -> its rows, if each of them is a line of code behind numbers, and lines are added or removed.

    Rows of two lines, before and after the change, become rows of one each.
    """
    if not all(_ends_in_line(row) for row in islice(table.iter("tr"), _FEW_ROWS)):
        return ()
    rows = [row for row in table.iter("tr") if len(row)]
    has_changes = any(_CHANGED.search(f"{row.get('class') or ''} {row[-1].get('class') or ''}") for row in rows)
    if not has_changes or not all(map(_ends_in_line, rows)):
        return ()
    lines = [[cell for cell in row if _is_line(cell)] for row in rows]
    if max(map(len, lines)) == 1:
        return rows
    return _unified(rows, lines) if all(map(_is_numbered, rows)) else ()


def _is_numbered(row: Any) -> bool:
    """Whether each line in a row, of two at most, stands behind a cell that is none."""
    places = [i for i, cell in enumerate(row) if _is_line(cell)]
    return len(places) <= 2 and all(i > 0 and i - 1 not in places for i in places)


def _unified(rows: Sequence[Any], lines: Sequence[Sequence[Any]]) -> Sequence[Any]:
    """Rows of a line or two each -> rows of one in their place."""
    made: list[Any] = []
    added: list[Any] = []  # of changed rows beside one another
    for row, sides in zip(rows, lines, strict=True):
        before, after = sides[0], sides[-1]
        if before is after or _text(before) == _text(after):
            made += [*added, _row_of(after, row.get("class") or "")]
            added = []
        else:
            made += [] if _is_gap(before) else [_row_of(before)]
            added += [] if _is_gap(after) else [_row_of(after)]
    made += added
    table = rows[0].getparent()
    for row in rows:
        row.getparent().remove(row)
    table.extend(made)
    return made


def _row_of(line: Any, names: str = "") -> Any:
    """A new row of a line and the cell before it."""
    row = etree.Element("tr", {"class": names})
    row.extend([line.getprevious(), line])
    return row


def _is_gap(line: Any) -> bool:
    """Whether no line stands on one side of a change: neither text nor a number."""
    gutter = line.getprevious()
    return not _text(line).strip() and not _text(gutter).strip() and gutter.get("data-line-number") is None


def _text(element: Any) -> str:
    return "".join(element.itertext())


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
