"""Every block leads back to its element and to its place in the source."""

from __future__ import annotations

import random
import re
from html import unescape
from pathlib import Path
from unicodedata import normalize

import pytest
from lxml import etree

from indexlm import Extractor, Location, locate, read_page
from indexlm.html.decode import decode
from indexlm.html.read import to_page
from indexlm.inputs.read import read_document
from tests.conftest import MAIN, golden_html

UNSEEN = re.compile(r"[\s\xad\u200b-\u200f\u2060\ufeff|]+")


def squashed(text: str) -> str:
    """A text without white space, and with raised and lowered digits as digits."""
    return UNSEEN.sub("", normalize("NFKC", text))


def mistakes(html: str) -> tuple[int, list[Location]]:
    """The number of blocks, and those that are not where they are said to be."""
    page, html = to_page(read_document(html))
    locations = locate(page, html)
    assert [location.index for location in locations] == [block.index for block in page.blocks]
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    root = etree.fromstring(html.encode("utf-8", "replace"), parser)
    wrong = []
    for location, block in zip(locations, page.blocks, strict=True):
        wanted = squashed(block.text)
        (element,) = root.xpath(location.xpath)
        shown = squashed(
            unescape(re.sub(r"<!--.*?-->|<[^>]*>", "", html[location.start : location.end], flags=re.DOTALL))
        )
        is_right = wanted in squashed("".join(element.itertext())) and shown == wanted
        if not is_right or html.count("\n", 0, location.start) + 1 != location.line:
            wrong.append(location)
    return len(page.blocks), wrong


@pytest.mark.parametrize("name", MAIN)
def test_blocks_of_the_golden_pages_are_at_their_places(name: str) -> None:
    assert mistakes(decode(golden_html(name)))[1] == []


@pytest.mark.parametrize(
    "html",
    [
        "<p>one</p><p>one</p><p>one <b>two</b>\n<i>three</i></p>",
        "<div>a word<p>a word</p>a word<br><br>a word</div>",
        "text alone",
        "<p title='<b>no tag</b>'>caf&eacute; &amp; bar &#8212; &lt;b&gt; a < b</p>",
        "<!-- <p>no</p> --><script>var a = '<p>no</p>'</script><p>yes</p><style>p {}</style>",
        "<ul><li>one<li>two<ul><li>three</ul><li>four</ul>",
        "<table><tr><th>a<th>b<tr><td>1<td>x &amp; y<tr><td>2<td></table>",
        "<pre>  one\n    two &lt;\n</pre>",
        "<main>before the body</main><p>inside</p>",
        "<title>t</title><nav>strayed</nav><body class=x><p>inside</body>",
        '<p data-a="x>y" data-b=\'z>"\'>quoted</p>',
        "<o:p>one</o:p><fb:x><p>two</p></fb:x><fb:x><p>three</p><p>four</p></fb:x>",
        "<p>so\xadft zero\u200bwidth</p>",
    ],
)
def test_blocks_are_at_their_places_whatever_the_markup(html: str) -> None:
    assert mistakes(html)[1] == []


def test_blocks_of_very_deep_pages_are_found() -> None:
    html = "<div>" * 3000 + "<p>deep down</p>" + "</div>" * 3000 + "<p>above</p>"
    page = read_page(html)
    assert [html[place.start : place.end] for place in locate(page, html)] == ["deep down", "above"]


def test_offsets_count_characters_of_the_decoded_text() -> None:
    html = "<meta charset=windows-1251><p>Привет, мир и все, кто в нём живёт</p>"
    extraction = Extractor("trees", threshold=0).extract(html.encode("cp1251"))
    (place,) = extraction.locations()
    assert extraction.source[place.start : place.end] == "Привет, мир и все, кто в нём живёт"
    (block,) = extraction.json()["blocks"]
    assert (block["xpath"], block["start"], block["end"]) == (place.xpath, place.start, place.end)


def test_blocks_of_real_pages_are_at_their_places(data: Path) -> None:
    from eval.rows import read_rows

    rows = read_rows(data / "me" / "dev.parquet", lambda row: len(row["html"]) < 150_000)
    count, wrong = 0, 0
    for row in random.Random(5).sample(rows, 60):
        blocks, places = mistakes(row["html"])
        count, wrong = count + blocks, wrong + len(places)
    assert wrong <= count * 0.01  # what a block leaves out (hidden pieces) or adds (quotation marks) is counted too


def test_text_in_slots_and_frames_is_found_where_the_source_has_it() -> None:
    root = "<template shadowrootmode=open><h2><slot name=t>none</slot></h2><slot></slot><p>foot</p></template>"
    frame = "<iframe srcdoc='<p>No boats today.</p>'></iframe>"
    source = f"<x-card>{root}\n<p>light</p>\n<span slot=t>Title</span></x-card>{frame}"
    page = read_page(source)
    places = {page.blocks[location.index - 1].text: location for location in locate(page, source)}
    assert {text: place.xpath for text, place in places.items()} == {
        "Title": "/html/body/x-card/span",
        "light": "/html/body/x-card/p",
        "foot": "/html/body/x-card/template/p",
        "No boats today.": "/html/body/iframe",
    }
    assert source[places["Title"].start : places["Title"].end] == "Title"
    assert places["Title"].line == 3


def test_a_footer_that_is_moved_is_found_where_the_source_has_it() -> None:
    source = "<table>\n<tfoot><tr><td>Sum<td>9</tfoot>\n<tr><th>a<th>b</tr>\n<tr><td>x<td>4</tr></table>"
    places = locate(read_page(source), source)
    assert [(place.xpath, place.line) for place in places] == [
        ("/html/body/table/tr[1]", 3),
        ("/html/body/table/tr[2]", 4),
        ("/html/body/table/tfoot/tr", 2),
    ]


def test_a_text_that_ends_with_the_name_of_an_image_ends_before_the_next_block() -> None:
    html = "<p>All is well here now <img class=smilies alt=';-)' src=s.gif><br><br>Is the nozzle clean?</p>"
    page = read_page(html)
    assert page.blocks[0].text == "All is well here now ;-)"
    shown = [html[place.start : place.end] for place in locate(page, html)]
    assert shown == ["All is well here now", "Is the nozzle clean?"]


def test_a_text_that_is_no_text_of_the_page_stands_where_its_element_does() -> None:
    html = "<main><h3>Jazz</h3><div><p>19:30</p><div><img src=a.jpg alt='Jazz trio on stage'></div></div></main>"
    page = read_page(html)
    (place,) = [place for place in locate(page, html) if page.blocks[place.index - 1].text == "Jazz trio on stage"]
    assert "alt='Jazz trio" in html[place.start : place.end]
    assert "<h3>" not in html[place.start : place.end]
