"""Emphasis around whole paragraphs."""

from __future__ import annotations

from typing import Any

import pytest

from indexlm.html.locate import locate
from indexlm.html.read import read_page
from indexlm.output.escape import _set_apart


def inners(html: str) -> list[str]:
    return [block.inner for block in read_page(html).blocks]


@pytest.mark.parametrize(
    "html",
    [
        "<b><p>One.</p><p>Two.</p></b><p>Three.</p>",
        '<b class="x">\n<p id=a>One.<p>Two.</b><p>Three.',
        "<font><B><P>One.</P></font><p>Two.</p></B><p>Three.</p>",
    ],
)
def test_bold_around_paragraphs_is_that_of_each(html: str) -> None:
    assert inners(f"<body>{html}") == ["<b>One.</b>", "<b>Two.</b>", "Three."]


def test_emphasis_in_emphasis_around_a_paragraph() -> None:
    assert inners("<i><b><p>One.</p></b></i>") == ["<i><b>One.</b></i>"]
    assert inners("<b><p>One <b>two</b>.</p><p>Three.</p></b>")[1] == "<b>Three.</b>"


@pytest.mark.parametrize(
    "html", ['<b style="font-weight: normal"><p>One.</p></b>', "<b><p>One.</p><p>Two.</p>", "<b>x</b><p>One.</p>"]
)
def test_what_is_not_closed_or_not_bold_emphasizes_no_paragraph(html: str) -> None:
    assert "One." in inners(html)


def test_emphasized_paragraphs_are_found_in_the_source() -> None:
    html = "<body><b><p>One.</p><p>Two.</p></b></body>"
    places = locate(read_page(html), html)
    assert [html[place.start : place.end] for place in places] == ["One.", "Two."]
    assert places[1].xpath.endswith("/p[2]")


def test_emphasis_that_is_joined_part_by_part_is_read_once() -> None:
    class Counted(list[str]):
        read = 0

        def __getitem__(self, at: Any) -> Any:
            Counted.read += len(range(*at.indices(len(self)))) if isinstance(at, slice) else 1
            return super().__getitem__(at)

    parts = Counted(
        ["", '<a href="x">', *["l", "<i>", "", "</i>"] * 500, "", "</a>", *["", "<b>", "x", "</b>"] * 1000, ""]
    )
    emphasis = [i for i, part in enumerate(parts) if part in ("<b>", "</b>")]
    Counted.read = 0
    _set_apart(parts, emphasis, 0, len(parts))
    assert Counted.read < 400 * len(parts)
    assert sum(part == "<b>" for part in parts) == 1
