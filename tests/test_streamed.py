"""Content that React streams behind a page stands where its scripts put it."""

from __future__ import annotations

from indexlm import Extractor, read_page


def shown(html: str) -> list[str]:
    return [f"{block.tag} {block.text}{block.hidden_by}" for block in read_page(html).blocks]


def streamed(number: str, content: str) -> str:
    return f'<div hidden id="S:{number}">{content}</div><script>$RC("B:{number}","S:{number}")</script>'


def test_streamed_content_stands_in_the_place_of_its_template() -> None:
    page = (
        "<main><h1>Rope ferry</h1><!--$?--><template id=B:0></template><div>Loading paragraph...</div><!--/$-->"
        "<p>It rests at noon.</p><ul><li>One</li><!--$?--><template id=B:a></template><!--/$--><li>Three</li></ul>"
        "</main><footer>Foot</footer>"
    )
    inner = "<p>It crosses twice an hour.</p><template id=P:2></template> and more"
    behind = streamed("0", inner) + streamed("2", "<p>It carries cattle.</p>") + streamed("a", "<li>Two</li>")
    assert shown(page + behind) == [
        "h1 Rope ferry",
        "p It crosses twice an hour.",
        "p It carries cattle.",
        "div and more",
        "p It rests at noon.",
        "li One",
        "li Two",
        "li Three",
        "div Foot",
    ]


def test_what_waits_goes_and_other_text_behind_a_template_stays() -> None:
    place = "<template id=B:1></template>"
    for wait in ("<div class=skeleton><i></i></div>", "<span>Laden …</span>"):
        assert shown(f"<main>{place}{wait}</main>{streamed('1', '<p>Here.</p>')}") == ["p Here."]
    for other in ("<h2>Loading a boat</h2>", "<h2>Boats and how they are loaded in a harbour</h2>", "text"):
        assert len(shown(f"<main>{place}{other}</main>{streamed('1', '<p>Here.</p>')}")) == 2


def test_a_table_is_streamed_by_rows() -> None:
    page = "<table><tbody><tr><td>1</td><td>A</td></tr><template id=P:3></template></tbody></table>"
    rows = '<table hidden><tbody id="S:3"><tr><td>2</td><td>B</td></tr></tbody></table>'
    assert "tr 2 | B" in shown(page + rows)


def test_content_without_a_place_stays_where_it_is() -> None:
    assert shown(f"<p>Here.</p>{streamed('7', '<p>Lost.</p>')}") == ["p Here.", "p Lost.hidden attribute"]
    inside = '<div hidden id="S:1"><template id="B:1"></template><p>Round.</p></div>'
    assert shown(f"<p>Here.</p>{inside}") == ["p Here.", "p Round.hidden attribute"]


def test_each_block_leads_back_to_its_element() -> None:
    html = f"<main><template id=B:0></template></main>{streamed('0', '<p>It crosses twice an hour.</p>')}"
    extraction = Extractor("trees", threshold=0.0).extract(html)
    (location,) = extraction.locations()
    assert location.xpath.endswith("div/p")
    assert extraction.source[location.start : location.end] == "It crosses twice an hour."
