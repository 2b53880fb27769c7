"""Tables whose markup is not that of a plain table of data."""

from __future__ import annotations

import pytest

from indexlm.assemble import to_markdown
from indexlm.html.read import read_page


def rows(html: str) -> list[tuple[str, str]]:
    return [(block.tag, block.text) for block in read_page(html).blocks]


@pytest.mark.parametrize(
    "table",
    [
        "<table><thead><th>Year<th>Boats</thead><tbody><tr><td>1901<td>12</table>",
        "<table><thead><td>Year<td>Boats</thead><tr><td>1901<td>12</table>",
        "<table><th>Year</th><th>Boats</th><tr><td>1901</td><td>12</td></tr></table>",
    ],
)
def test_cells_without_a_row_are_one(table: str) -> None:
    assert rows(table) == [("th", "Year | Boats"), ("tr", "1901 | 12")]


def test_headings_may_name_the_rows_of_a_table_without_header_cells() -> None:
    table = "<table><tr><td><h2>Adult</h2><td>4 crowns<tr><td><h2>Child</h2><td>2 crowns</table>"
    assert rows(table) == [("tr", "Adult | 4 crowns"), ("tr", "Child | 2 crowns")]


@pytest.mark.parametrize(
    "table",
    [
        "<table><tr><td><h2>A</h2><p>a</p><td><h2>B</h2><p>b</p><tr><td>c<td>d</table>",
        "<table><tr><td><h2>A</h2><td><h2>B</h2><tr><td><p>a</p><td>b</table>",
        f"<table><tr><td><h2>A</h2><td>{'a ' * 60}<tr><td><h2>B</h2><td>b</table>",
        "<table><tr><td><h2>A</h2><td>b</table>",
    ],
)
def test_headings_above_what_they_head_lay_out_a_page(table: str) -> None:
    assert ("h2", "A") in rows(table)


@pytest.mark.parametrize(
    "rows_of_links",
    [
        "<tr><td><a href=/a>Form A</a><td><a href=/b>PDF</a><tr><td><a href=/c>Form C</a><td>x",
        "<tr><td>a<td><td><tr><td><a href=/a>b</a><td><a href=/b>c</a><td><a href=/c>d</a>",
    ],
)
def test_a_table_of_links_is_a_table_in_markdown(rows_of_links: str) -> None:
    page = read_page(f"<table>{rows_of_links}</table>")
    assert "\n| ---" in to_markdown(page, range(1, 3))
