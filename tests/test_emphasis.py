"""Emphasis around whole paragraphs."""

from __future__ import annotations

import pytest

from indexlm.html.locate import locate
from indexlm.html.read import read_page


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
