"""Pages as word processors, wikis, forums and notebooks export them."""

from __future__ import annotations

import pytest

from indexlm import read_page
from indexlm.assemble import to_markdown

EVERY = range(1, 1000)


def markdown(body: str, head: str = "", names: str = "") -> str:
    return to_markdown(read_page(f"<html><head>{head}</head><body class='{names}'>{body}</body></html>"), EVERY)


@pytest.mark.parametrize(
    ("sheet", "body", "shown"),
    [
        (
            ".c1{font-weight:700}.c2{color:#000;font-style:italic}.c4{text-decoration:line-through}",
            "<p><span class=c9>Tar</span><span class='c9 c1'> warm</span> or <span class=c2>hot</span> "
            "<span class=c4>now</span>",
            "Tar **warm** or *hot* ~~now~~",
        ),
        (".T1 { font-weight:bold; }", "<p>Tar <span class=T1>ropes</span>", "Tar **ropes**"),
        (".calibre4 {\n  font-style: italic\n}", "<p>Tar <span class=calibre4>ropes</span>", "Tar *ropes*"),
        (".c1{font-weight:400}", "<p>Tar <span class=c1>ropes</span>", "Tar ropes"),
        (".c1{font-weight:700}", "<h2><span class=c1>Ropes</span></h2><p>Tar.", "## Ropes\n\nTar."),
    ],
)
def test_numbered_classes_of_a_documents_own_style_sheet_are_emphasis(sheet: str, body: str, shown: str) -> None:
    style = f"<style>{sheet}</style>"
    assert markdown(body, style, "c12 doc-content") == markdown(body, style, "calibre") == shown
    assert markdown(body, f"<meta name=generator content='LibreOffice 7.3'>{style}") == shown
    assert markdown(f"<div id=contents>{style}{body}</div>") == shown
    assert "*" not in markdown(body, style, "post")


def test_the_title_of_a_document_of_google_is_a_heading() -> None:
    page = read_page(
        "<style>.c1{color:red}</style><body class='c2 doc-content'><p class='c3 title'><span>Ropes</span></p><p>Tar."
    )
    assert [(block.tag, block.text) for block in page.blocks] == [("h1", "Ropes"), ("p", "Tar.")]


def test_lists_of_one_item_and_one_name_each_are_one_list() -> None:
    lists = [
        f"<ul class=bulleted-list><li>{item}</li></ul>" for item in ("a", "b<ul class=bulleted-list><li>c</ul>", "d")
    ]
    assert markdown("".join(lists)) == "- a\n- b\n  - c\n- d"
    box = "<ul class=to-do-list><li><div class='checkbox checkbox-{}'></div> {}</li></ul>"
    assert markdown(box.format("on", "a") + box.format("off", "b")) == "- [x] a\n- [ ] b"
    assert markdown("<ul class=k><li>a</ul><ul class=k><li>b<li>c</ul>") == "- a\n\n- b\n- c"


def test_values_of_a_property_stand_apart() -> None:
    values = "".join(f"<span class='selected-value color-{name}'>{name}</span>" for name in ("red", "blue"))
    assert markdown(f"<p>Tags {values}</p>") == "Tags red blue"


def test_what_opens_a_part_of_a_wiki_is_no_text_and_a_title_of_it_is() -> None:
    part = "<div><span class=expand-control-text>{}</span></div><div class=expand-content><p>Tar.</p></div>"
    assert markdown(part.format("Click here to expand...")) == "Tar."
    assert markdown(part.format("Why tar?")) == "Why tar?\n\nTar."


def test_the_size_of_a_file_is_no_part_of_a_post() -> None:
    quote = "<aside class=quote><div class=title>ida:</div><blockquote><p>It jams.</p></blockquote></aside>"
    meta = "<div class=meta><span class=filename>jam.png</span><span class=informations>10×20 1 KB</span></div>"
    page = read_page(f"<article>{quote}<p>Oil it.</p><a class=lightbox href=/j.png><img src=j.png>{meta}</a></article>")
    assert to_markdown(page, EVERY) == "ida:\n\n> It jams.\n\nOil it.\n\n[jam.png](/j.png)"
    assert markdown("<div class=informations><span class=informations>Open daily</span></div>") == "Open daily"


def test_an_error_of_latexml_is_no_text() -> None:
    assert markdown("<p>The <span class='ltx_ERROR undefined'>\\gate</span> time.</p>") == "The time."


def test_a_header_that_scrolls_with_its_table_comes_once() -> None:
    head = "<table><thead><tr><th>Boat</th><th>Built</th></tr></thead>"
    body = "<tbody><tr><td>Heron</td><td>1962</td></tr></tbody></table>"
    table = "| Boat | Built |\n| --- | --- |\n| Heron | 1962 |"
    page = read_page(f"<div><div>{head}</table></div><div>{head}{body}</div></div><p>End.</p>")
    assert to_markdown(page, EVERY) == f"{table}\n\nEnd."
    assert [block.index for block in page.blocks] == [1, 2, 3]
    assert markdown(f"{head}{body}{head}{body}") == f"{table}\n\n{table}"


def test_what_a_search_in_the_page_shows_is_shown() -> None:
    page = read_page("<h2>Hours</h2><div hidden=until-found><p>From nine.</p></div><p hidden>Never.</p>")
    assert [block.hidden_by for block in page.blocks] == ["", "", "hidden attribute"]


def test_a_signature_of_sphinx_is_plain_and_without_a_link_to_its_source() -> None:
    signature = "<span class=sig-name>open</span>(<em class=sig-param>degrees</em>)"
    source = "<a class=reference href=/s><span class=viewcode-link><span class=pre>[source]</span></span></a>"
    assert markdown(f"<dl><dt>{signature}{source}</dt><dd>Opens.</dd></dl>") == "- **open(degrees)**: Opens."


def test_an_image_for_readers_without_scripts_parts_no_line() -> None:
    image = "<img data-src=a.jpg><noscript><img src=a.jpg></noscript>"
    assert markdown(f"<p>The gate {image} opens.</p>") == "The gate opens."
    assert markdown("<p>The gate</p><noscript><p>It opens.</p></noscript>") == "The gate\n\nIt opens."


@pytest.mark.parametrize(
    ("steps", "shown"),
    [
        ("<ul><li><b>1</b><p>Turn.</p></li><li><b>2</b><p>Wait.</p></li></ul>", "1. Turn.\n\n2. Wait."),
        (
            "<div role=list><div role=listitem><i><b>1</b></i><p>Turn.</p></div>"
            "<div role=listitem><i><b>2.</b></i><p>Wait.</p></div></div>",
            "1. Turn.\n\n2. Wait.",
        ),
        ("<ul><li><h2><b>1</b> Turn</h2></li><li><h2><b>2</b> Wait</h2></li></ul>", "## **1** Turn\n\n## **2** Wait"),
        ("<ul><li><b>1</b> boat</li><li><b>2</b> oars</li></ul>", "- **1** boat\n- **2** oars"),
        ("<ul><li><b>1</b></li><li><b>2</b></li></ul>", "- **1**\n- **2**"),
        (
            "<ul><li><b>1</b><p>Turn.</p></li><li><b>5</b><p>Wait.</p></li></ul>",
            "- **1**\n\n  Turn.\n\n- **5**\n\n  Wait.",
        ),
    ],
)
def test_a_list_whose_items_show_their_numbers_is_one_of_numbers(steps: str, shown: str) -> None:
    assert markdown(steps) == shown


def test_notes_and_boxes_of_books_are_known_by_their_type() -> None:
    note = "<p>It opens.<span data-type=footnote>If at all.</span> Wait.</p>"
    box = "<div data-type=note><h6>Note</h6><p>Mind it.</p></div>"
    assert (
        markdown(f"<section data-type=chapter><section data-type=sect1>{note}{box}</section></section>")
        == "It opens. Wait.\n\nIf at all.\n\n> **Note**\n>\n> Mind it."
    )
