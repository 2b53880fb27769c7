"""Kept rows of a table: cells that span dropped rows, so that no kept row is shifted."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from indexlm.labels import node_around
from indexlm.page import Block

_CELL = re.compile(r"<(td|th)((?: (?:(?:col|row)span|align)=\"\w+\")*)>(.*?)</\1>", re.DOTALL)
_DATA_CELL = re.compile(r"(</?)td\b")
_SPAN = re.compile(r"(col|row)span=\"(\d+)\"")
_BOTH = re.compile(r'<(td|th) colspan="(\d+)" rowspan="(\d+)"(?: align="\w+")?>(.*?)</\1>', re.DOTALL)
_ALIGN = re.compile(r' align="\w+"')
_MOST_COLUMNS = 100
_TABLE = frozenset(["table"])
_MARKUP = re.compile(r"<[^>]*>")
_NUMBER = re.compile(r"[-−+~≈<>]?\s?[$€£¥]?\s?\d[\d.,: /–-]*(?:[%°€$£]|\s?\w{1,3}\.?)?")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_MOST_COMPARED = 20  # rows of a table
_MOST_ROWS = 1000  # that a cell without a limit spans


class _Cell(NamedTuple):
    tag: str
    columns: int
    rows: int
    content: str
    align: str = ""


def rows_in_columns(blocks: Sequence[Block], chosen: Container[int]) -> dict[int, str]:
    """A page's blocks and the kept indices -> by index, the cells of each kept row that a dropped row shifts.

    A cell that spans rows stands in the first kept one of them, and spans as many as are kept.
    """
    cells: dict[int, str] = {}
    for table in _tables(blocks):
        if any("rowspan=" in row.inner for row in table) and not all(row.index in chosen for row in table):
            cells |= _without_dropped(table, chosen)
    return cells


def header_rows(blocks: Sequence[Block]) -> set[int]:
    """A page's blocks -> the indices of the first rows of tables that may be shown as their headers."""
    return {table[0].index for table in _tables(blocks) if _is_headed(table)}


def _is_headed(table: Sequence[Block]) -> bool:
    """Whether the first row of a table may be shown as its header.

    It is not if its first cell alone is a header, or if no cell of the table is one and a number in it stands above
    numbers, unless that is a year.
    """
    first = table[0]
    if first.tag == "th":
        return True
    if first.inner.startswith("<th"):
        return "<td" not in first.inner
    compared = table[:_MOST_COMPARED]
    rows = [_texts(row) for row in compared]
    if len(rows) == 1 or any("<th" in row.inner for row in compared) or len({len(row) for row in rows}) > 1:
        return True
    return not any(
        all(map(_NUMBER.fullmatch, column)) and not _YEAR.fullmatch(column[0]) for column in zip(*rows, strict=True)
    )


def _texts(row: Block) -> list[str]:
    return [_MARKUP.sub("", content).strip() for _, _, content in _CELL.findall(row.inner)]


def one_span(html: str) -> str:
    """HTML -> the same without cells that span both rows and columns: cells beside one another span the rows."""
    if "colspan=" not in html or "rowspan=" not in html:
        return html

    def split(match: re.Match[str]) -> str:
        tag, columns, rows, content = match.groups()
        empty = f'<{tag} rowspan="{rows}"></{tag}>'
        return f'<{tag} rowspan="{rows}">{content}</{tag}>{empty * (min(int(columns), _MOST_COLUMNS) - 1)}'

    return _BOTH.sub(split, html)


def empty_header(row: Block) -> str:
    """A row -> a header of empty cells with as many columns."""
    cells = [_read_cell(*match.groups()) for match in _CELL.finditer(row.inner)]
    return f"<tr>{''.join(f'<th{cell.align}></th>' + '<th></th>' * (cell.columns - 1) for cell in cells)}</tr>"


def as_header(row: str) -> str:
    """The cells of a row -> the same as header cells, so that a converter takes no table of links for a layout."""
    return _DATA_CELL.sub(r"\1th", row) if "<td" in row else row


def _tables(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    rows = (block for block in blocks if block.tag in ("tr", "th"))
    return (list(table) for _, table in groupby(rows, table_of))


def table_of(row: Block) -> int:
    """The number of the table that a row stands in; 0 for none."""
    return node_around(row, _TABLE)


def _without_dropped(table: Sequence[Block], chosen: Container[int]) -> dict[int, str]:
    """The rows of a table -> by index, the cells of the kept ones."""
    is_kept = [row.index in chosen for row in table]
    open_cells: dict[
        int, tuple[int, _Cell]
    ] = {}  # by column: the rows that it still spans, and the cell, until written
    cells = {}
    for i, row in enumerate(table):
        own = [_read_cell(*match.groups()) for match in _CELL.finditer(row.inner)]
        written, column = [], 0
        pending = dict(open_cells)
        open_cells = {at: (left - 1, cell) for at, (left, cell) in pending.items() if left > 1}
        while own or max(pending, default=-1) >= column:
            if column in pending:
                left, cell = pending[column]
                rows = sum(is_kept[i : i + left])
            elif own:
                cell = own.pop(0)
                rows = sum(is_kept[i : i + cell.rows])
                if cell.rows > 1:
                    open_cells[column] = (cell.rows - 1, cell)
            else:
                column = min(at for at in pending if at >= column)
                continue
            is_first = column not in pending or cell.rows > 0
            if is_kept[i] and is_first:
                written.append(_write_cell(cell, rows))
                if column in open_cells:
                    open_cells[column] = (open_cells[column][0], cell._replace(rows=0))
            column += cell.columns
        if is_kept[i]:
            cells[row.index] = "".join(written)
    return cells


def _read_cell(tag: str, spans: str, content: str) -> _Cell:
    numbers = {name: int(number) for name, number in _SPAN.findall(spans)}
    align = _ALIGN.search(spans)
    return _Cell(
        tag, numbers.get("col", 1) or 1, numbers.get("row", 1) or _MOST_ROWS, content, align.group() if align else ""
    )


def _write_cell(cell: _Cell, rows: int) -> str:
    spans = f' colspan="{cell.columns}"' * (cell.columns > 1) + f' rowspan="{rows}"' * (rows > 1)
    return f"<{cell.tag}{spans}{cell.align}>{cell.content}</{cell.tag}>"
