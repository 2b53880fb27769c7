"""Tables whose elements mean nothing by themselves: their names, or their `display`, say what is a row and a cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from lxml import etree

from indexlm.html.hidden.sheets import table_part
from indexlm.html.tags import BLOCK_LEVEL

_TABLE = re.compile(r"(?:^|[-_])(?:\w*[a-z])?(?:[Tt]able|tbl)s?(?:$|[-_A-Z\d])")
_PART = re.compile(r"row|cell|col|head|body|foot|caption|title|group|content", re.IGNORECASE)
_ROW = re.compile(r"(?:^|[-_])(?:row|line)s?(?:$|[-_\d])|[a-z]Row(?:$|[-_A-Z])|^(?:rt-)?tr$")
_HEAD = re.compile(r"(?:^|[-_])(?:t?head(?:er|ing)?s?|th)(?:$|[-_\d])|[a-z]Head(?:er|ing)?(?:$|[-_A-Z])")
_CELL = re.compile(r"(?:^|[-_])(?:cell|col(?:umn)?|t[dh])s?(?:$|[-_\d])|[a-z](?:Cell|Col(?:umn)?)(?:$|[-_A-Z])")
_LINES = frozenset(["memname", "Nm"])
"""Classes of tables that lay out a declaration (Doxygen) or a call (mandoc)."""
_FIRST = re.compile(r"\bcol-(?:first|constructor-name|summary-item-name)(?=\s|$)")
_COLUMN = re.compile(r"(?:^|\s)col-[a-z]")
_ROWS = ("div", "ul", "ol", "li", "span")
_CELLS = ("div", "span", "li", "p")
_PARTS = ("table", "form", "article", "section", "nav", "main", "header", "footer", "aside", "h1", "h2", "dl")
"""What no row of such a table holds."""
_MOST_ROWS, _MOST_COLUMNS = 5000, 20
_MOST_INSIDE = 50  # elements in a cell
_LONGEST_NAME = 60  # characters of a class that is read
_DEPTH = 2  # of groups around a row
_LONGEST = 300  # characters of a cell


def may_be_grid(names: str) -> bool:
    """Whether class names say that an element is a table."""
    return "table" in _kinds_of(names)


def read_grid(element: Any, kinds: Mapping[str, str]) -> None:
    """Make a table of an element that is shown as one; `kinds` are the parts of tables that the page's sheets name.

    A table has two rows or more, of as many cells each, and a row holds no part of a page.
    """
    if element.tag == "table" and not _LINES.isdisjoint((element.get("class") or "").split()):
        _join_cells(element)
    elif element.tag == "div" and "colist" in (element.get("class") or "").split():
        _list_callouts(element)
    elif element.tag in _ROWS and len(element) and "table" in _kinds(element, kinds):
        _part_cells(element)
        _read_table(element, kinds)


def _join_cells(table: Any) -> None:
    """Make one line of a table that lays out one."""
    for part in table.iter("table", "tbody", "tr", "td"):
        part.tag = "div" if part is table else "span"
        if part is not table:
            part.tail = " "


def _list_callouts(holder: Any) -> None:
    """Make a list of the table in which Asciidoctor numbers the notes to a listing."""
    rows = [*holder.iter("tr")]
    if not rows or any(len(row) != 2 or row.getparent() is not rows[0].getparent() for row in rows):
        return
    rows[0].getparent().tag = "ol"
    for table in holder.iter("table"):
        table.tag = "div"
    for row in rows:
        row.tag = "li"
        row.remove(row[0])
        row[0].tag = "div"


def _part_cells(table: Any) -> None:
    """Put the cells of a table without rows, as Javadoc writes it, into rows: each begins with its first column."""
    match = _FIRST.search(table[0].get("class") or "") if isinstance(table[0].tag, str) else None
    if match is None or not all(_COLUMN.search(cell.get("class") or "") for cell in table):
        return
    row = None
    for cell in [*table]:
        if row is None or match.group() in (cell.get("class") or "").split():
            row = etree.SubElement(table, "div", {"class": "row"})
        row.append(cell)


def _read_table(table: Any, kinds: Mapping[str, str]) -> None:
    """Make a table of an element whose rows are alike; what stands above or below its rows stays there."""
    parts = [(child, _rows_of(child, kinds)) for child in table]
    places = [i for i, (_, rows) in enumerate(parts) if rows]
    if not places or places[-1] - places[0] >= len(places):  # none, or others between them
        return
    taken = [part for part in parts if part[1]]
    rows = [row for _, of_part in taken for row in of_part]
    if not 1 < len(rows) <= _MOST_ROWS or len({len(row) for row in rows}) > 1:
        return
    if any(next(row.iter(*_PARTS), None) is not None for row in rows):
        return
    if len(taken) == len(parts):
        table.tag = "table"
    else:
        holder = etree.Element("table")
        taken[0][0].addprevious(holder)
        holder.extend([part for part, _ in taken])
    for part, of_part in taken:
        is_head = "head" in _kinds(part, kinds)
        if of_part != [part]:
            part.tag = "thead" if is_head else "tbody"
        for row in of_part:
            _make_row(row, is_head or "head" in _kinds(row, kinds), kinds)


def _rows_of(element: Any, kinds: Mapping[str, str], depth: int = _DEPTH) -> list[Any]:
    """The rows that an element is or holds; none where it holds anything else."""
    if _is_row(element, kinds):
        return [element]
    if not depth or element.tag not in _ROWS or (element.text or "").strip():
        return []
    inside = [_rows_of(row, kinds, depth - 1) for row in element]
    return [row for rows in inside for row in rows] if all(inside) else []


def _make_row(row: Any, is_head: bool, kinds: Mapping[str, str]) -> None:
    row.tag = "tr"
    for cell in [*row]:
        tag = "th" if is_head or "head" in _kinds(cell, kinds) else "td"
        if cell.tag in _CELLS:
            cell.tag = tag
            continue
        around = etree.Element(tag)
        cell.addprevious(around)
        around.append(cell)


def _is_row(element: Any, kinds: Mapping[str, str]) -> bool:
    """Whether an element is named or shown as a row, and holds nothing but cells."""
    if element.tag not in _ROWS or not 1 < len(element) <= _MOST_COLUMNS or (element.text or "").strip():
        return False
    own = _kinds(element, kinds)
    if "row" not in own and not ("head" in own and all("cell" in _kinds(cell, kinds) for cell in element)):
        return False
    return all(_is_cell(cell, kinds) for cell in element)


def _is_cell(element: Any, kinds: Mapping[str, str]) -> bool:
    """Whether an element may be a cell: it is named or shown as one, or holds nothing that parts blocks."""
    if not isinstance(element.tag, str) or (element.tail or "").strip():
        return False
    if len(element) > 1 and "row" in _kinds(element, kinds):
        return False
    if sum(1 for _ in islice(element.iterdescendants("*"), _MOST_INSIDE + 1)) > _MOST_INSIDE:
        return False
    if sum(map(len, element.itertext())) > _LONGEST:
        return False
    return "cell" in _kinds(element, kinds) or not any(
        inner.tag in BLOCK_LEVEL for inner in element.iterdescendants("*")
    )


def _kinds(element: Any, kinds: Mapping[str, str]) -> frozenset[str]:
    """What an element is by its names, its style and the page's style sheets."""
    if not isinstance(element.tag, str):
        return frozenset()
    names, style = element.get("class") or "", element.get("style") or ""
    own = _kinds_of(names)
    if style and (part := table_part(style)):
        own |= {part}
    return own | {kinds[name] for name in names.split() if name in kinds} if kinds else own


@lru_cache(maxsize=4096)
def _kinds_of(names: str) -> frozenset[str]:
    return frozenset(kind for name in names.split() if len(name) <= _LONGEST_NAME for kind in _kinds_of_name(name))


def _kinds_of_name(name: str) -> Iterator[str]:
    if _TABLE.search(name) and not _PART.search(name):
        yield "table"
    for kind, pattern in (("row", _ROW), ("head", _HEAD), ("cell", _CELL)):
        if pattern.search(name):
            yield kind
