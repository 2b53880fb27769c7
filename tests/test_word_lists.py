"""Lists as Microsoft Word and Outlook write them: paragraphs with signs."""

from __future__ import annotations

import pytest

from indexlm import read_page
from indexlm.assemble import to_markdown
from indexlm.html.locate import locate

SPACES = "<span style='font:7.0pt serif'>&nbsp;&nbsp; </span>"


def item(level: int, sign: str, text: str) -> str:
    """As Word writes an item for the web."""
    mark = f"<![if !supportLists]><span><span style='mso-list:Ignore'>{sign}{SPACES}</span></span><![endif]>"
    return f"<p class=MsoListParagraph style='mso-list:l0 level{level} lfo1'>{mark}{text}<o:p></o:p></p>\n"


def filtered(indent: str, sign: str, text: str) -> str:
    """As Word writes it without its own styles."""
    return f"<p class=MsoListParagraph style='margin-left:{indent}'><span>{sign}{SPACES}</span>{text}</p>"


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        (item(1, "·", "a <b>b</b>") + item(2, "o", "c") + item(1, "·", "d"), "- a **b**\n  - c\n- d"),
        (item(1, "3.", "a") + item(1, "4.", "b"), "3. a\n4. b"),
        (item(1, "1.", "a") + "<p>x</p>" + item(1, "2.", "b"), "1. a\n\nx\n\n2. b"),
        (filtered(".5in", "·", "a") + filtered("1.0in", "o", "b"), "- a\n  - b"),
        (filtered("1.2.3in", "·", "a") + filtered("..in", "·", "b"), "- a\n- b"),
        ("<p class=MsoListParagraph>a. b</p>", "a. b"),
        ("<p class=MsoNormal><span>·</span>a</p>", "·a"),
    ],
)
def test_paragraphs_that_are_items_are_lists(html: str, markdown: str) -> None:
    page = read_page(f"<body>{html}</body>")
    assert to_markdown(page, range(1, len(page.blocks) + 1)) == markdown


def test_items_are_found_where_the_source_has_them() -> None:
    html = f"<body><p>Rules</p>{item(1, '·', 'one')}{item(2, 'o', 'two')}<p>End</p></body>"
    places = locate(read_page(html), html)
    assert [html[place.start : place.end] for place in places] == ["Rules", "one", "two", "End"]
    assert [place.xpath for place in places] == [f"/html/body/p[{i}]" for i in (1, 2, 3, 4)]
