"""What a question names by a word and a number: `type 7`, `Gate B12`."""

from __future__ import annotations

import pytest

from heads.queries.answers import whole_answer
from heads.queries.evidence import question_of
from heads.queries.numbered import numbered_names, of_asked_number
from indexlm import read_page


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("What does paper type 7 cost?", {("type", "7")}),
        ("Gate B12", {("gate", "b12")}),
        ("Linie 5 und Zone 2", {("linie", "5"), ("zone", "2")}),
        ("Room no. 14", {("room", "14")}),
        ("for more than 10 % of all", set()),
        ("from 9.30 to 17:00", set()),
        ("costs 5 €", set()),
        ("in the 7th year", set()),
    ],
)
def test_names_with_a_number(text: str, names: set[tuple[str, str]]) -> None:
    found = numbered_names(text)
    assert names <= found if names else not found


def rows(query: str, content: str, kept: tuple[int, ...]) -> list[str]:
    page = read_page(f"<html lang=en><title>Rates</title><main><h1>Rates</h1>{content}</main>", query=query)
    return [page.blocks[i - 1].text for i in whole_answer(page, kept, True)]


def table(count: int) -> str:
    body = "".join(f"<tr><td>Paper type {n} of the archive</td><td>€{n}.50</td></tr>" for n in range(1, count))
    return f"<table><tr><th>Kind</th><th>A page</th></tr>{body}</table>"


def test_the_row_of_the_number_takes_the_place_of_others() -> None:
    assert rows("What does paper type 7 cost?", table(20), tuple(range(3, 18))) == [
        "Kind | A page",
        "Paper type 7 of the archive | €7.50",
    ]


def test_a_row_is_found_where_nothing_is_kept() -> None:
    assert rows("price of paper type 12", table(20), ())[-1].startswith("Paper type 12 ")


def test_two_numbers_keep_two_rows() -> None:
    found = rows("paper type 3 or paper type 5?", table(9), (4, 5, 6, 7))
    assert [text.split(" |")[0] for text in found[1:]] == ["Paper type 3 of the archive", "Paper type 5 of the archive"]


def test_a_number_that_no_row_has_changes_nothing() -> None:
    page = read_page(f"<main><h1>Rates</h1>{table(5)}</main>", query="What does paper type 99 cost?")
    assert of_asked_number(question_of(page), (3, 4)) == [3, 4]


def test_items_of_a_list_are_told_apart() -> None:
    content = "<ul><li>Bus line 4 leaves at 9:10</li><li>Bus line 14 leaves at 9:20</li><li>Bus line 40: 9:30</li></ul>"
    assert rows("When does bus line 4 leave?", content, (2, 3, 4)) == ["Bus line 4 leaves at 9:10"]
