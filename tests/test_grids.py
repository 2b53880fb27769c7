"""Tables of elements that mean nothing by themselves."""

from __future__ import annotations

import pytest

from indexlm import assemble, read_page

ROWS = [("th", "Ticket | Price"), ("tr", "Adult | €12"), ("tr", "Child | €6")]


def rows(table: str) -> list[tuple[str, str]]:
    return [(block.tag, block.text) for block in read_page(f"<h1>Fares</h1>{table}<p>By ferry</p>").blocks[1:-1]]


def grid(table: str, head: str, row: str, header_cell: str, cell: str, tag: str = "div") -> str:
    def of(names: str, inside: str) -> str:
        return f"<{tag} class='{names}'>{inside}</{tag}>"

    header = of(head, of(header_cell, "Ticket") + of(header_cell, "Price"))
    others = (of(row, of(cell, name) + of(cell, price)) for name, price in (("Adult", "€12"), ("Child", "€6")))
    return of(table, header + "".join(others))


@pytest.mark.parametrize(
    "table",
    [
        grid("divTable", "divTableRow", "divTableRow", "divTableHead", "divTableCell"),
        grid("price-table", "price-table__row header", "price-table__row", "", "", "span"),
        grid("Table", "Table-row Table-header", "Table-row", "Table-row-item", "Table-row-item"),
        grid("table", "tr", "tr", "th", "td"),
        grid("responsive-table", "table-header", "table-row", "col col-1", "col col-2"),
    ],
)
def test_names_of_tables_rows_and_cells_make_tables(table: str) -> None:
    assert rows(table) == ROWS


def test_groups_of_rows_and_what_stands_beside_them() -> None:
    head = "<div class=rt-thead><div class=rt-tr><div class=rt-th>Ticket</div><div class=rt-th>Price</div></div></div>"
    group = "<div class=rt-tr-group><div class=rt-tr><div class=rt-td>Adult</div><div class=rt-td>€12</div></div></div>"
    table = f"<div class=rt-table><p>All fares</p>{head}<div class=rt-tbody>{group}</div><p>With tax</p></div>"
    assert rows(table) == [("p", "All fares"), *ROWS[:2], ("p", "With tax")]


@pytest.mark.parametrize("where", ["style", "sheet"])
def test_a_display_of_tables_makes_tables(where: str) -> None:
    kinds = {"t": "table", "r": "table-row", "c": "table-cell"}
    sheet = "".join(f".{name}{{display: {kind}}}" for name, kind in kinds.items())
    html = grid("t", "r", "r", "c", "c")
    if where == "style":
        for name, kind in kinds.items():
            html = html.replace(f"class='{name}'", f"style='display: {kind}'")
    else:
        html = f"<style>{sheet}</style>{html}"
    assert rows(html) == [("tr", text) for _, text in ROWS]


def test_cells_in_columns_that_are_named_are_rows() -> None:
    cells = "".join(
        f"<div class='{kind} col-{place}'>{text}</div>"
        for kind, *texts in (("table-header", "Ticket", "Price"), ("even", "Adult", "€12"), ("odd", "Child", "€6"))
        for place, text in zip(("first", "last"), texts, strict=True)
    )
    assert rows(f"<div class='summary-table two-column-summary'>{cells}</div>") == ROWS


def test_cells_in_a_group_of_rows_are_a_row() -> None:
    cells = "<div role=rowgroup><div role=cell>Adult</div><div role=cell>€12</div></div>"
    assert rows(f"<div role=table>{cells}{cells}</div>") == [("tr", "Adult | €12")] * 2


def test_a_cell_that_is_a_link_stays_one_and_an_empty_one_keeps_its_place() -> None:
    row = "<div class=table-row><a href=/a>Adult</a><div></div><div>€12</div></div>"
    page = read_page(f"<div class=table>{row}{row}</div>")
    assert "| [Adult](/a) |  | €12 |" in assemble.to_markdown(page, [1, 2])


@pytest.mark.parametrize(
    "table",
    [
        "<div class=table><div class=row><p>One row</p><p>is none</p></div></div>",
        "<div class=timetable><div class=row><h2>Mon</h2><p>9</p></div><div class=row><h2>Tue</h2><p>9</p></div></div>",
        "<div class=table><div class=row><p>a</p><p>b</p></div><div class=row><p>a</p><p>b</p><p>c</p></div></div>",
        "<div class=table><div class=row><p>a</p><p>b</p></div><p>Text</p><div class=row><p>a</p><p>b</p></div></div>",
        "<div class=layout><div class=row><p>a</p><p>b</p></div><div class=row><p>a</p><p>b</p></div></div>",
    ],
)
def test_what_only_looks_like_a_table_is_none(table: str) -> None:
    assert {tag for tag, _ in rows(table)} <= {"p", "h2"}
