"""The side to which the columns of a table align their text: in Markdown, the row below the header says it."""

from __future__ import annotations

import re

from indexlm.patterns import late

SIDES = "\ufdd7\ufdd8"
"""No characters, and so in no text: one of them ends the header of a column until the row below is written."""
_RIGHT, _CENTER = SIDES[0], SIDES[1]
_FIRST_ROW = late(r"<table>\n?<tr>(?:(?!</tr>).)*+</tr>", re.DOTALL)
_CELL = late(r'(<t[dh]\b[^<>]*? align="(right|center)"[^<>]*>(?:(?!</t[dh]>).)*+)(?=</t[dh]>)', re.DOTALL)
_MARKED = late(rf"^([^\n]*[{SIDES}][^\n]*)\n([^|\n]*)\|(?: -+ \|)+", re.MULTILINE)
_BAR = late(r"(?<!\\)\|")
_MARK = late(f"[{SIDES}]")


def mark_sides(html: str) -> str:
    """HTML -> the same with a mark in each first cell of a column whose text stands on the right or in the middle."""
    if " align=" not in html:
        return html

    def mark(cell: re.Match[str]) -> str:
        return f"{cell[1].rstrip()}{_RIGHT if cell[2] == 'right' else _CENTER}"

    return _FIRST_ROW.sub(lambda row: _CELL.sub(mark, row.group()), html)


def show_sides(markdown: str) -> str:
    """Markdown with such marks -> the same with the sides in the row below each header."""
    return _MARK.sub("", _MARKED.sub(_with_sides, markdown))


def _with_sides(match: re.Match[str]) -> str:
    header, indent = match.groups()
    cells = _BAR.split(header)[1:-1]
    rules = (" --: " if _RIGHT in cell else " :-: " if _CENTER in cell else " --- " for cell in cells)
    return f"{header}\n{indent}|{'|'.join(rules)}|"
