"""Which tables hold data, so that their rows are blocks, and which are there for their layout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, takewhile
from typing import Any

from indexlm.html.item_marks import is_mark
from indexlm.html.media import icon_text
from indexlm.html.tags import BLOCK_LEVEL, shown_tag
from indexlm.html.tree_edits import take_out

_PAGE_PARTS = ("table", "form", "article", "section", "nav", "main", "header", "footer", "aside", "h1")
"""What no cell of a data table holds."""
_WHOLE_PARTS = ("nav", "main", "h1")
"""Of these, what no cell holds however short it is."""
_LAYOUT_MARKS = (*_PAGE_PARTS, "h2", "h3", "blockquote", "dl")
"""What no cell of a data table without headers holds."""
_NAMES = ("h2", "h3")
"""Of these, what may be the name of a row or a column."""
_NAMED_ROWS = 2  # of a table whose rows or columns have headings as names
_NUMBERS = re.compile(r"\s*(?:\(?\d+(?:\.\d+)*[a-z]?\)?\s*)*")
_CELLS = ("td", "th")
_ROW_GROUPS = ("table", "thead", "tbody", "tfoot")
_ALIGNED = re.compile(r"text-align\s*:\s*(\w+)", re.IGNORECASE)
_SPAN = re.compile(r"[0-9]{1,3}")  # what is believed as a span of cells
_MOST_COLUMNS = 50  # that a cell spans; each is a cell in Markdown
_MOST_CELLS = 200  # of a row
_MOST_ROWS = 400  # that are looked at
_CARD, _CARD_ROWS = 3, 4  # blocks in a cell, rows of its table
_FEW_TEXTS = 5  # text nodes of a label in a cell
_NAME, _LONG, _LONGEST = 80, 300, 4000  # characters of a cell


def is_data_table(table: Any) -> bool:
    """Whether the rows are blocks.

    Most rows of a data table have at least two cells, and no cell holds a part of a page, unless that is short and the
    table has a head, a caption or a row of header cells. Without header cells, the
    cells are short, or the table is a list of short names with what they mean.
    """
    if (table.get("role") or "").lower() in ("presentation", "none"):
        return False
    if _is_equation(table):
        return False
    rows = [list(cells(row)) for row in islice(_rows(table), _MOST_ROWS)]
    if not rows or (_are_lines(map(len, rows)) and _are_lines(_widths(rows))):
        return False
    if _is_beside_sign(rows):
        return False
    has_headers = any(shown_tag(cell) == "th" for row in rows for cell in row)
    parts = [*islice(table.iterdescendants(*(_PAGE_PARTS if has_headers else _LAYOUT_MARKS)), _MOST_ROWS)]
    if parts and not (has_headers and _is_headed(table, rows[0]) and all(map(_is_small, parts))):
        return not has_headers and _has_named_rows(rows, parts)
    if not has_headers and all(len(row) == 2 and is_mark("".join(row[0].itertext()).strip()) for row in rows):
        return False  # a list
    if not has_headers and len(rows) <= _CARD_ROWS and any(_is_card(row[0]) for row in rows if len(row) == 2):
        return False  # posts beside who wrote them
    sizes = [[sum(map(len, cell.itertext())) for cell in row] for row in rows]
    longest = max(map(max, filter(None, sizes)))
    if has_headers:
        return longest <= _LONGEST
    if len(rows) == 1:
        is_nested = next(table.iterancestors("table"), None) is not None
        return longest <= _LONG and not is_nested and all(map(_is_plain, rows[0]))
    names_meanings = all(len(row) == 2 and 0 < row[0] <= _NAME for row in sizes)
    return longest <= (_LONGEST if names_meanings else _LONG)


def _are_lines(widths: Iterable[int]) -> bool:
    """Whether more than half of the rows have one cell, or none."""
    return sum(1 if width < 2 else -1 for width in widths) > 0


def _widths(rows: Iterable[Sequence[Any]]) -> Iterator[int]:
    """The cells of each row, with those of rows above that span it and hold text."""
    spans: list[int] = []  # the rows that each cell above still reaches into
    for row in rows:
        spans = [span - 1 for span in spans if span > 1]
        yield len(row) + len(spans)
        spanning = [(cell, span) for cell in row if _SPAN.fullmatch(span := (cell.get("rowspan") or "").strip())]
        spans += [int(span) for cell, span in spanning if any(not text.isspace() for text in cell.itertext())]


def _is_beside_sign(rows: Sequence[Sequence[Any]]) -> bool:
    """Whether no row has more than one cell with text or an image, or the only one has a sign beside its text."""
    if len(rows) == 1 and len(rows[0]) == 2 and _is_icon(rows[0][0]):
        return True
    return max(map(len, rows)) > 1 and all(sum(map(_has_content, row)) < 2 for row in rows)


def _is_icon(cell: Any) -> bool:
    return "icon" in (cell.get("class") or "").split()


def _has_content(cell: Any) -> bool:
    return (
        any(not text.isspace() for text in cell.itertext()) or next(cell.iter("img", "svg", "input"), None) is not None
    )


def _is_card(cell: Any) -> bool:
    """Whether a cell holds several blocks, as who wrote a post does, and no name."""
    return sum(1 for _ in cell.iterdescendants("div")) >= _CARD


def _is_headed(table: Any, first_row: Sequence[Any]) -> bool:
    """Whether a table has a head, a caption, or a first row of header cells."""
    if any(part.tag in ("thead", "caption") for part in table):
        return True
    return len(first_row) > 1 and all(shown_tag(cell) == "th" for cell in first_row)


def _is_small(part: Any) -> bool:
    """Whether a part of a page, such as a form, is no more than the content of a cell: it is short."""
    return part.tag not in _WHOLE_PARTS and sum(map(len, part.itertext())) <= _LONG


def _has_named_rows(rows: Sequence[Sequence[Any]], parts: Sequence[Any]) -> bool:
    """Whether the parts in a table without header cells are headings that are the names of its rows or columns.

    Such a heading is all of its cell, and the other cells are short and of one line.
    """
    if len(rows) < _NAMED_ROWS or len({len(row) for row in rows}) > 1 or any(part.tag not in _NAMES for part in parts):
        return False
    named = {part.getparent() for part in parts}
    lines = {cell for row in rows for cell in row}
    columns = {i for row in rows for i, cell in enumerate(row) if cell in named}
    if not named <= lines or (len(columns) > 1 and not named <= {*rows[0]}):
        return False
    return all(
        sum(map(len, cell.itertext())) <= _NAME and (len(cell) == 1 if cell in named else _is_plain(cell))
        for cell in lines
    )


def _is_equation(table: Any) -> bool:
    """Whether a table holds nothing but formulas on lines of their own and their numbers, as from LaTeX."""
    if "equation" in (table.get("class") or ""):
        return True
    formulas = [*islice(table.iter("math"), _MOST_ROWS)]
    if not formulas or any(formula.get("display") != "block" for formula in formulas):
        return False
    inside = {text for formula in formulas for text in formula.itertext()}
    others = "".join(text for text in table.itertext() if text not in inside)
    return _NUMBERS.fullmatch(others) is not None


def cells(row: Any) -> Iterator[Any]:
    """A row -> its cells."""
    return (cell for cell in row if isinstance(cell.tag, str) and shown_tag(cell) in ("td", "th"))


def _rows(table: Any) -> Iterator[Any]:
    if table.tag == "table":
        yield from table.iter("tr")
    else:
        yield from (element for element in table.iter("*") if shown_tag(element) == "tr")


def _is_plain(cell: Any) -> bool:
    """Whether most of a cell is no link, and nothing in it parts blocks."""
    linked = sum(sum(map(len, link.itertext())) for link in cell.iter("a"))
    has_blocks = any(element.tag in BLOCK_LEVEL for element in cell.iterdescendants("*"))
    return not has_blocks and 2 * linked <= sum(map(len, cell.itertext()))


def row_tag(row: Any) -> str:
    """A row -> `th` where it is a header, else `tr`. The corner above the names of the rows may be an empty cell."""
    row_cells = list(cells(row))
    head = row.getparent()
    if len(row_cells) > 2 and row_cells[0].tag == "td" and not "".join(row_cells[0].itertext()).strip():
        row_cells = row_cells[1:]
    in_head = head is not None and head.tag == "thead"
    return "th" if row_cells and (in_head or all(shown_tag(cell) == "th" for cell in row_cells)) else "tr"


def prepare_table(table: Any) -> None:
    """Put what a table holds where a browser shows it: its footers last, and the name of a sign that is an icon."""
    _add_rows(table)
    _move_footers(table)
    cell = next(table.iter("td"), None)
    if cell is not None and _is_icon(cell) and not _has_content(cell):
        cell.text = icon_text(cell)


def _add_rows(table: Any) -> None:
    """Put cells that begin a table or a part of it into a row, as a browser does where a page leaves out its tag."""
    for part in [part for part in (table, *table) if part.tag in _ROW_GROUPS and len(part) and part[0].tag in _CELLS]:
        row = part.makeelement("tr")
        row.extend([*takewhile(lambda cell: cell.tag in _CELLS, part)])
        part.insert(0, row)


def _move_footers(table: Any) -> None:
    """Put a table's footers, which may stand before its rows in the source, where a browser shows them: last."""
    for footer in [part for part in table if part.tag == "tfoot" and part.getnext() is not None]:
        take_out(footer)
        table.append(footer)


def _span(cell: Any, name: str) -> int:
    value = cell.get(name) or ""
    return min(int(value), _MOST_ROWS) if _SPAN.fullmatch(value) else 1


def _starts(table: Any) -> Iterator[tuple[Any, int]]:
    """A table -> its cells, each with the column in which it begins."""
    spanned: dict[int, int] = {}  # by column, the rows that a cell from above still takes
    for row in islice(_rows(table), _MOST_ROWS):
        at = 0
        taken = {column: rows - 1 for column, rows in spanned.items() if rows > 1}
        for cell in islice(cells(row), _MOST_CELLS):
            while spanned.get(at, 0) > 0:
                at += 1
            yield cell, at
            columns = _span(cell, "colspan")
            if (rows := _span(cell, "rowspan")) > 1:
                taken |= dict.fromkeys(range(at, at + min(columns, _MOST_COLUMNS)), rows - 1)
            at += columns
        spanned = taken


def spans(cell: Any, rooms: dict[Any, int]) -> str:
    """A cell -> how many columns and rows it spans, as attributes: ` colspan="2"`.

    What it spans beyond the last column of its table is nothing. `rooms` remembers the columns of each table, and how
    many of them each of its cells may span.
    """
    columns, rows = (value if _SPAN.fullmatch(value := cell.get(name) or "") else "" for name in ("colspan", "rowspan"))
    if rows == "0":  # to the last row
        rows = str(1 + sum(row.tag == "tr" for row in islice(cell.getparent().itersiblings(), _MOST_ROWS)))
    if columns and int(columns) > 1:
        if (table := next(cell.iterancestors("table"), None)) is not None and table not in rooms:
            starts = dict(_starts(table))
            rooms[table] = max(starts.values(), default=0) + 1
            rooms |= {other: rooms[table] - at for other, at in starts.items()}
        columns = str(min(int(columns), rooms.get(cell, rooms.get(table, _MOST_COLUMNS)), _MOST_COLUMNS))
    return "".join(f' {name}="{n}"' for name, n in (("colspan", columns), ("rowspan", rows)) if n)


def alignment(cell: Any) -> str:
    """The side to which a cell aligns its text, where that is not the left, as an attribute: ` align="right"`."""
    side = cell.get("align") or ""
    style = cell.get("style")
    if style and "text-align" in style and (match := _ALIGNED.search(style)):
        side = match.group(1)
    side = side.lower() if side else ""
    return f' align="{side}"' if side in ("right", "center") else ""


def repeated_name(cell: Any, column: int, names: dict[Any, list[str]]) -> Any:
    """The element that begins a cell with the name of its column, and something behind it; None for others.

    `names` remembers those of the columns of each table.
    """
    label = cell[0]
    if cell.tag != "td" or label.tag not in ("span", "b", "strong", "div", "small") or (cell.text or "").strip():
        return None
    text = _line(islice(label.itertext(), _FEW_TEXTS)).rstrip(" :")
    table = next(cell.iterancestors("table"), None) if text else None
    if table is None:
        return None
    if table not in names:
        first = [*islice(cells(next(_rows(table))), _MOST_CELLS)]
        is_header = all(shown_tag(cell) == "th" and not cell.get("colspan") for cell in first)
        names[table] = [_line(cell.itertext()) for cell in first] if is_header else []
    is_name = column < len(names[table]) and text == names[table][column]
    others = sum(len(part.strip()) for part in islice(cell.itertext(), _MOST_ROWS))
    return label if is_name and others > len(text) + 1 else None


def _line(texts: Iterable[str]) -> str:
    return " ".join("".join(texts).split())
