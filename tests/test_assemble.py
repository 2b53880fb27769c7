"""Kept blocks to documents."""

from __future__ import annotations

import json

import pytest

from indexlm import Prediction, read_page
from indexlm.assemble import to_html, to_json, to_markdown, to_text
from indexlm.text import words
from tests.conftest import MAIN, PAGES, golden_indices, golden_page

EVERY = range(1, 1000)


@pytest.mark.parametrize("name", MAIN)
def test_golden_markdown(name: str) -> None:
    """The main content of each golden page as Markdown, as a person checked it."""
    assert to_markdown(golden_page(name), golden_indices(name)) + "\n" == (PAGES / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize("name", MAIN)
def test_assembling_all_blocks_loses_no_word(name: str) -> None:
    page = golden_page(name)
    expected = sorted(words(page.text))
    assert sorted(words(to_text(page, EVERY))) == expected
    assert sorted(words("".join(read_page(f"<body>{to_html(page, EVERY)}</body>").text))) == expected


def test_list_keeps_its_nesting_and_drops_items_that_are_not_kept() -> None:
    page = read_page("<ol><li>a<ul><li>b<li>c</ul><li>d</ol>")
    assert to_markdown(page, EVERY) == "1. a\n   - b\n   - c\n2. d"
    assert to_markdown(page, [2, 3]) == "- b\n- c"
    assert to_markdown(page, [1, 3]) == "1. a\n   - c"


def test_a_list_in_an_item_of_its_own_belongs_to_the_item_before() -> None:
    page = read_page("<ul><li>a<li><ul><li>b<li>c</ul><li>d<li>e<ul><li>f</ul></ul>")
    assert to_markdown(page, EVERY) == "- a\n  - b\n  - c\n- d\n- e\n  - f"
    assert to_markdown(page, [2, 3]) == "- b\n- c"
    assert to_markdown(page, [1, 4, 6]) == "- a\n- d\n\n- f"


_TABLE = "<table><tr><th>k<th>v<tr><td>1<td>2</table>"


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        (f"<ol><li>{_TABLE}<p>after<li>z</ol>", "1. T\n\n   after\n\n2. z"),
        (f"<ul><li>a:{_TABLE}{_TABLE}<li>z</ul>", "- a:\n\n  T\n\n  T\n\n- z"),
        (f"<ul><li>a<ul><li>x</ul>{_TABLE}after<li>z</ul>", "- a\n\n  - x\n\n  T\n\n  after\n\n- z"),
        (
            f"<blockquote><ul><li>a{_TABLE}</ul><p>b</p>{_TABLE}<p>c</blockquote>",
            "> - a\n>\n>   T\n>\n> b\n>\n> T\n>\n> c",
        ),
        ("<blockquote><ul><li>a</ul><p>b</blockquote>", "> - a\n>\n> b"),
        ("<blockquote><blockquote><ol><li>a</ol><p>b</blockquote><p>c</blockquote>", "> > 1. a\n> >\n> > b\n>\n> c"),
    ],
)
def test_what_stands_in_items_and_quotations_stays_there(html: str, markdown: str) -> None:
    """T is a table, each of whose lines begins as its first does, with spaces for the sign of an item."""
    written = to_markdown(read_page(html), EVERY)
    rows = ["| k | v |", "| --- | --- |", "| 1 | 2 |"]
    expected = []
    for line in markdown.split("\n"):
        start = line.removesuffix("T")
        below = start.replace("1.", "  ").replace("-", " ")
        expected += [start + rows[0], *(below + row for row in rows[1:])] if line.endswith("T") else [line]
    assert written == "\n".join(expected)


def test_rows_of_a_cell_that_another_spans_are_data() -> None:
    rows = "<tr><td rowspan=4>g<td>1<tr><td>2<tr><td>3<tr><td>4"
    page = read_page(f"<table><tr><th>k<th>v{rows}</table><table>{rows}</table>")
    assert to_markdown(page, EVERY).startswith("| k | v |\n| --- | --- |\n| g | 1 |\n|  | 2 |\n|  | 3 |\n|  | 4 |")
    assert [block.tag for block in page.blocks] == ["th", *["tr"] * 8]
    logo = rows.replace("g", "<img src=a>")
    assert "tr" not in [block.tag for block in read_page(f"<table>{logo}</table>").blocks]


def test_boxes_in_a_cell_are_lines() -> None:
    page = read_page("<table><tr><th>x<th>y<tr><td>a<td><div>b</div><div>c <i>d</i></div></table>")
    assert to_markdown(page, EVERY).endswith("| a | b<br>c *d* |")
    assert page.blocks[1].text == "a | b c d"


def test_ordered_lists_keep_their_numbers() -> None:
    page = read_page("<ol start=4><li>d<li>e<ul><li>x</ul><li value=9>i<li><p>j</p></ol>")
    assert to_markdown(page, EVERY) == "4. d\n5. e\n   - x\n\n9) i\n\n10) j"
    assert to_markdown(page, [2]) == "5. e"
    assert to_markdown(page, [5]) == "10. j"
    assert to_markdown(page, [3]) == "- x"


def test_item_outside_a_list_is_still_an_item() -> None:
    assert to_markdown(read_page("<div><li>a</li><li>b</li></div>"), EVERY).split() == ["-", "a", "-", "b"]


def test_text_that_looks_like_many_links_is_still_text() -> None:
    page = read_page("<p>" + "a](b) " * 400 + "\ufdd0</p>")
    assert to_markdown(page, EVERY).replace("\\", "") == ("a](b) " * 400).strip()


def test_two_tables_stay_two_tables() -> None:
    table = "<table><tr><th>x<th>y</tr><tr><td>1<td>2</tr></table>"
    assert to_html(read_page(table + table), EVERY).count("<table>") == 2


def test_links_are_absolute_and_scripts_are_no_links() -> None:
    html = (
        '<p><a href="b?x=1&amp;y=2">one</a> <a href=" JavaScript:alert(1)">two</a> '
        '<a href="data:text/html,x">three</a></p>'
    )
    page = read_page(html, url="https://e.example/a/")
    assert to_html(page, EVERY) == (
        '<p><a href="https://e.example/a/b?x=1&amp;y=2">one</a> <a>two</a> <a>three</a></p>'
    )


def test_markup_in_text_is_not_taken_for_a_link() -> None:
    page = read_page('<p>write &lt;a href="x"&gt; here</p>', url="https://e.example/")
    assert to_html(page, EVERY) == '<p>write &lt;a href="x"&gt; here</p>'


def test_event_handlers_and_styles_do_not_survive() -> None:
    page = read_page('<p onclick="x()" style="color:red"><b onmouseover="y()" class="k">t</b></p>')
    assert to_html(page, EVERY) == "<p><b>t</b></p>"


def test_images_are_kept_on_demand() -> None:
    page = read_page("<figure><img src=/i.png alt=pic><figcaption>cap</figcaption></figure>", url="https://e.example/")
    assert to_markdown(page, EVERY) == "cap"
    assert to_markdown(page, EVERY, images=True) == "![pic](https://e.example/i.png)  \ncap"


@pytest.mark.parametrize("tag", ["blockquote", "b", "ul><li", "dl><dd", "ol><li><blockquote"])
def test_unclosed_elements_do_not_break_the_converter(tag: str) -> None:
    page = read_page(f"<{tag}>x" * 500)
    assert "x" in to_markdown(page, EVERY)


def test_text_that_looks_like_markup_stays_text() -> None:
    page = read_page("<p>write &lt;script&gt;x&lt;/script&gt; or [x](javascript:y), 1 &lt; 2</p>")
    assert to_markdown(page, EVERY) == r"write \<script>x\</script> or [x]\(javascript:y), 1 < 2"


def test_what_begins_a_line_in_text_is_no_heading_and_no_item() -> None:
    page = read_page("<p># one</p><p>2. two</p><p>- three</p><p>&gt; four</p>")
    assert to_markdown(page, EVERY).split("\n\n") == [r"\# one", r"2\. two", r"\- three", r"\> four"]


def test_a_line_break_is_a_line_break() -> None:
    assert to_markdown(read_page("<p><b>a</b><br>b</p>"), EVERY) == "**a**  \nb"


def test_quotations_stand_apart_from_the_text_before_them() -> None:
    page = read_page(
        "<p>a</p><blockquote>b<blockquote>c</blockquote></blockquote><ul><li><blockquote>d</blockquote></ul>"
    )
    assert to_markdown(page, EVERY) == "a\n\n> b\n>\n> > c\n\n- > d"


def test_code_comes_out_as_it_was() -> None:
    code = "def a():\n    pass\n\n\n\ndef b(): return '```'"
    page = read_page(f"<pre>{code}</pre>")
    assert to_markdown(page, EVERY) == f"````\n{code}\n````"


def test_bars_in_cells_and_spaces_in_addresses_are_escaped() -> None:
    page = read_page(
        "<table><tr><th>a<th>b</tr><tr><td>x|y<td><a href='/p (1)'>z</a></tr></table>", url="https://e.org/"
    )
    assert to_markdown(page, EVERY).splitlines()[-1] == r"| x\|y | [z](https://e.org/p%20%281%29) |"


def test_items_that_hold_only_a_quotation_or_a_list_stay_items() -> None:
    page = read_page("<ol><li>one<li><blockquote>two</blockquote><li>three</ol>")
    assert to_html(page, EVERY).count("<li>") == 3
    assert to_html(page, EVERY).count("<ol>") == 1
    assert to_html(read_page("<dl><dt>T<dd><ul><li>x</ul></dl>"), EVERY).count("<dl>") == 1


def test_json_holds_indices_intervals_scores_and_content() -> None:
    page = golden_page("news")
    made = to_json(page, Prediction((2, 3, 5), tuple([0.12345] * 23), seconds={"parse": 0.1}))
    json.dumps(made)
    assert made["indices"] == [2, 3, 5]
    assert made["intervals"] == [[2, 3], [5, 5]]
    assert made["scores"][0] == 0.1235
    assert made["blocks"][1] == {"index": 3, "tag": "li", "text": "Local", "line": 17, "hidden_by": ""}
    assert made["markdown"].startswith("[Harrow Valley Post](https://post.example/)")
    assert made["url"] == "https://post.example/local/trees-along-the-brell"


def test_an_item_that_begins_with_a_list_counts() -> None:
    page = read_page("<ol><li><ul><li>a</ul><h3>b</h3><li>c</ol>")
    assert to_markdown(page, EVERY).split() == ["1.", "-", "a", "###", "b", "2.", "c"]


@pytest.mark.parametrize(
    ("body", "markdown"),
    [
        ("<dt>Length<dd>102 m<dt>Built?<dd>1859", "- **Length**: 102 m\n- **Built?** 1859"),
        ("<dt>a<dt>b<dd>both", "- **a**\n\n  **b**\n\n  both"),
        ("<dt>a<dd><p>one<p>two<dt><code>-n</code> days<dd>b", "- **a**\n\n  one\n\n  two\n\n- `-n` days: b"),
        ("<dt>a<dd><dl><dt>b<dd>c</dl>", "- **a**\n\n  - **b**: c"),
        ("<dt>a<dd>x<pre>1\n2</pre>", "- **a**\n\n  x\n\n  ```\n  1\n  2\n  ```"),
        ("<dd>set in</dd>", "set in"),
        ("<dt><h3>a</h3><dd>b", "### a\n\nb"),
    ],
)
def test_a_term_in_markdown_begins_an_item_that_holds_what_it_means(body: str, markdown: str) -> None:
    page = read_page(f"<dl>{body}</dl>")
    assert to_markdown(page, EVERY) == markdown
    assert "<ul>" not in to_html(page, EVERY)


@pytest.mark.parametrize(
    ("row", "markdown"),
    [
        ("<div><div class=spec-name>{}</div><div class=spec-value>{}</div></div>", "**{}**: {}"),
        ("<div><div class=label>{}</div><div class=x>{}</div></div>", "**{}**: {}"),
        ("<div><h3 class=data-label>{}</h3><div class=data-value>{}</div></div>", "**{}**: {}"),
        ("<div><ul><li><div class=key>{}</div><div class=value>{}</div></li></ul></div>", "- **{}**: {}"),
        ("<div><div class=title><a href=x>{}</a></div><div class=value>{}</div></div>", "[{}](x)\n\n{}"),
        ("<div><div class=card-title>{}</div><div class=card-text>{}</div></div>", "{}\n\n{}"),
        ("<div><div class=label>{}</div><div class=value>{}</div><div>more</div></div>", "{}\n\n{}\n\nmore"),
    ],
)
def test_a_name_and_its_value_are_one_line_in_markdown(row: str, markdown: str) -> None:
    pairs = [("Weight", "2 kg"), ("Keel", "flat")]
    page = read_page("".join(row.format(*pair) for pair in pairs))
    assert to_markdown(page, EVERY) == "\n\n".join(markdown.format(*pair) for pair in pairs)
    assert to_markdown(page, [1]).lstrip("-# [").startswith("Weight")


def test_a_meaning_whose_term_is_dropped_is_none_of_the_term_before() -> None:
    page = read_page("<dl><dt>a<dd>one<dt>b<dd>two</dl>")
    assert to_markdown(page, (1, 2, 4)) == "- **a**: one\n\ntwo"


@pytest.mark.parametrize(
    "box",
    [
        "<div class='admonition tip'><p class=admonition-title>Tip</p><p>Oil it.</p></div>",
        "<div class=NOTE-TIP><p><b>Tip</b></p><p>Oil it.</p></div>",
        "<div class=docs-tip><div><h6>Tip</h6></div><div><p>Oil it.</p></div></div>",
        "<div class=theme-admonition><div class=admonitionHeading_G>Tip</div><div><p>Oil it.</p></div></div>",
        "<div class='markdown-alert markdown-alert-tip'><p class=markdown-alert-title>Tip</p><p>Oil it.</p></div>",
        "<div class=admonitionblock><table><tr><td class=icon><i title=Tip></i><td>Oil it.</table></div>",
    ],
)
def test_a_box_in_markdown_is_a_quotation_with_a_bold_title(box: str) -> None:
    page = read_page(f"<p>a</p>{box}<p>b</p>")
    assert to_markdown(page, EVERY) == "a\n\n> **Tip**\n>\n> Oil it.\n\nb"
    assert "blockquote" not in to_html(page, EVERY)


@pytest.mark.parametrize(
    ("body", "markdown"),
    [
        ("<ul><li><h2>a</h2>b<ul><li>c</ul><li>2026<h2>d</h2>e</ul>", "## a\n\nb\n\n- c\n\n2026\n\n## d\n\ne"),
        ("<ul><li><section><ul><li><h3>a</h3>b</ul></section></ul>", "### a\n\nb"),
        ("<ul><li>a<li><h3>b</h3><li>c</ul>", "- a\n- ### b\n- c"),
        ("<ol><li><h3>a</h3>b</ol>", "1. ### a\n\n   b"),
    ],
)
def test_a_list_of_sections_is_none_in_markdown(body: str, markdown: str) -> None:
    assert to_markdown(read_page(f"<body>{body}"), EVERY) == markdown


def test_a_table_that_lays_out_tables_is_not_opened_again() -> None:
    facts = "<table><tr><th>{}</th><td>{}</td></tr></table>"
    html = (
        f"<table><tr><td>{facts.format('Status', 'open')}</td><td>{facts.format('Reported', 'today')}</td></tr></table>"
    )
    page = read_page(html)
    assert to_html(page, (1, 2)).count("<table>") == 2
    assert to_markdown(page, (1, 2)).startswith("|  |  |\n| --- | --- |\n| Status | open |\n\n|  |  |")
