"""Further kinds of page: what renderers, editors and converters of the web write."""

from __future__ import annotations

import re

import pytest

from indexlm import read_page
from indexlm.assemble import to_html, to_markdown

EVERY = range(1, 1000)


def markdown(html: str) -> str:
    return to_markdown(read_page(html), EVERY)


def blocks(html: str) -> list[tuple[str, str]]:
    return [(block.tag, block.text) for block in read_page(html).blocks]


@pytest.mark.parametrize(
    "heading",
    [
        "<h2>Tides <span><button>Copy link to heading</button></span></h2>",
        "<h2>Tides <a href='#t'>[link]</a></h2>",
        "<h2>Tides<sup><a href='#t'>#</a></sup></h2>",
        "<h2>Tides <a href='#t'><span class=sr-only>Copy link to section</span></a></h2>",
        "<div><h2 id=t>Tides</h2><a class=anchor-link href='#t'><span>Section titled “Tides”</span></a></div>",
        "<h2><div>Tides</div></h2>",
        "<h2><p>Tides</p></h2>",
    ],
)
def test_a_heading_is_its_words(heading: str) -> None:
    assert blocks(f"{heading}<p>They turn.</p>") == [("h2", "Tides"), ("p", "They turn.")]


@pytest.mark.parametrize(
    "heading",
    [
        "<h2 id=t><a href='#t'>Tides</a></h2>",
        "<section id=t><h2><a href='#t'>Tides</a></h2></section>",
        "<h2><a name=t></a><a href='#t'>Tides</a></h2>",
        "<section id=s1><h2 id=t><a href='#s1'>2.</a> <a href='#t'>Tides</a></h2></section>",
    ],
)
def test_a_heading_that_links_to_itself_is_no_link(heading: str) -> None:
    assert re.fullmatch(r"## (?:2\. )?Tides\n\nThey turn\.", markdown(f"{heading}<p>They turn.</p>"))
    assert markdown("<h2 id=a><a href='#t'>Tides</a></h2>") == "## [Tides](#t)"


def test_blocks_in_a_heading_are_one_heading_unless_they_are_a_part_of_the_page() -> None:
    assert blocks("<h2>Part two <span style='display:block'>The sheds</span></h2>") == [("h2", "Part two The sheds")]
    assert len(blocks("<h2>News<ul><li>One</li><li>Two</li></ul></h2>")) == 3


@pytest.mark.parametrize(
    "extra",
    [
        "<div class=secedit><button>Edit</button></div>",
        "<div class='jp-InputPrompt jp-InputArea-prompt'>In [1]:</div>",
        "<div class='prompt output_prompt'>Out[1]:</div>",
        "<details open><summary class=hideme><span>Expand description</span></summary></details>",
        "<div class=bbCodeBlock-expandLink><a role=button>Click to expand...</a></div>",
        "<p><a href='javascript:void(0)'>[–]</a></p>",
        "<div class='copy-popup-wrapper'><span>Content copied to clipboard</span></div>",
        "<div><a class=wp-block-file__button href=x>Download</a></div>",
    ],
)
def test_what_folds_edits_and_numbers_is_none_of_the_text(extra: str) -> None:
    assert blocks(f"<p>Tides</p>{extra}<p>turn.</p>") == [("p", "Tides"), ("p", "turn.")]


def test_only_a_summary_is_dropped_by_a_name_that_pages_give_to_what_they_fade_in() -> None:
    assert blocks("<div class=hideme><p>The tide turns.</p></div>") == [("p", "The tide turns.")]


def test_a_declaration_that_is_laid_out_as_a_table_is_a_line() -> None:
    cells = "<td class=memname>double tide</td><td>(</td><td class=paramtype>int&#160;</td><td><em>port</em>,</td>"
    more = "<tr><td></td><td></td><td class=paramtype>int</td><td><em>unit</em>&#160;)</td></tr>"
    table = f"<div class=memproto><table class=memname><tr>{cells}</tr>{more}</table></div>"
    assert blocks(f"{table}<p>The height.</p>")[0] == ("div", "double tide ( int port, int unit )")
    call = "<table class=Nm><tr><td><code>tide</code></td><td>[<code>-n</code>] <var>port</var></td></tr></table>"
    assert blocks(call) == [("div", "tide [-n] port")]


def test_the_notes_to_a_listing_are_a_list() -> None:
    rows = "".join(f"<tr><td><i></i><b>{i}</b></td><td>{text}.</td></tr>" for i, text in ((1, "Ties"), (2, "Goes")))
    assert markdown(f"<p>a</p><div class='colist arabic'><table>{rows}</table></div>") == "a\n\n1. Ties.\n2. Goes."


def test_verses_of_wordpress_are_lines() -> None:
    assert blocks("<pre class=wp-block-verse>In it comes,\nout it goes</pre>") == [("div", "In it comes,\nout it goes")]


def test_a_list_whose_style_numbers_it_is_one_of_numbers() -> None:
    assert markdown("<ul style='list-style: decimal'><li>Mix<li>Bake</ul>") == "1. Mix\n2. Bake"
    assert markdown("<ul><li style='list-style-type:decimal'>Mix<li>Bake</ul>") == "1. Mix\n2. Bake"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>We use tides<d-footnote>Not waves.</d-footnote>.</p>", "We use tides."),
        ("<p>Hemp<a class=footnote-anchor href='#footnote-1'>1</a> and wire.</p>", "Hemp[1] and wire."),
        ("<p>Hemp<sup><a href='#fn2'>2</a>,<a href='#fn3'>3</a></sup> holds.</p>", "Hemp[2,3] holds."),
        ("<p>See <a href='#page-2'>2</a>.</p>", "See 2."),
        ("<p>Bo said <q>tie it <q>twice</q></q>.</p>", "Bo said “tie it ‘twice’”."),
        ("<p>A <x-term>tern</x-term>, or two.</p>", "A tern, or two."),
        ("<div style='display:flex'><span>North</span><span>quay</span></div>", "North quay"),
        ("<div class='flex gap-2'><b>North</b><b>quay</b></div>", "North quay"),
        ("<p>他说：\n“好”\n（真的）</p>", "他说：“好”（真的）"),
    ],
)
def test_marks_signs_and_boxes_in_a_line(html: str, text: str) -> None:
    assert blocks(html)[0][1] == text


@pytest.mark.parametrize("style", ["style='white-space: pre-wrap'", "class='x whitespace-pre-line'"])
def test_lines_of_text_whose_newlines_are_shown_stay_lines(style: str) -> None:
    assert blocks(f"<div {style}>Dear Bo,\nall is well.\n\nAda</div>") == [
        ("div", "Dear Bo,\nall is well."),
        ("div", "Ada"),
    ]


@pytest.mark.parametrize(
    "item",
    [
        "<li><div class='checkbox checkbox-on'></div> <span>Coil</span></li>",
        "<li data-checked=true><label><input type=checkbox checked></label><div><p>Coil</p></div></li>",
        "<li><p><input type=checkbox checked> Coil</p></li>",
        "<li><span role=checkbox class=checkbox aria-checked=true></span>Coil</li>",
    ],
)
def test_boxes_of_tasks_of_other_editors(item: str) -> None:
    assert markdown(f"<ul>{item}</ul>").split() == ["-", "[x]", "Coil"]


def test_icons_are_the_values_of_cells_without_text() -> None:
    icons = [
        "<svg aria-label=Included></svg>",
        "<i title=Missing></i>",
        "<i class='fa fa-check'></i>",
        "<svg class=icon-cross></svg>",
        "<input type=checkbox checked disabled>",
    ]
    row = "".join(f"<td>{icon}</td>" for icon in icons)
    page = read_page(f"<table><tr><th>A<th>B<th>C<th>D<th>E<th>F<tr><td>Small{row}</table>")
    assert page.blocks[1].text == "Small | Included | Missing | ✓ | ✗ | ☑"


def test_tables_with_spans_both_ways_and_with_a_head_column() -> None:
    spans = "<tr><th>P<th>Q<th>R<tr><td rowspan=2 colspan=2>A<td>b<tr><td>c"
    assert markdown(f"<table>{spans}</table>").splitlines()[-1] == "|  |  | c |"
    column = "<tr><th>Sail<td>4<tr><th>Oar<td>7"
    assert markdown(f"<table>{column}</table>").splitlines()[2:] == ["| Sail | 4 |", "| Oar | 7 |"]


def test_an_equation_is_no_table() -> None:
    math = '<math display=block alttext="d=3"><mi>d</mi></math>'
    assert blocks(f"<table class=ltx_equation><tr><td>{math}<td>(3)</table>") == [("div", "$$d=3$$"), ("div", "(3)")]
    assert blocks(f"<table><tr><td>{math}<td>(3)</table>")[0] == ("div", "$$d=3$$")


def test_documents_in_frames_and_drawings_are_content() -> None:
    assert blocks("<iframe srcdoc='&lt;p>No boats on Sunday.&lt;/p>'></iframe>") == [("p", "No boats on Sunday.")]
    drawing = "<svg><text>x</text><foreignObject><div><p>Words in a drawing.</p></div></foreignObject></svg>"
    assert blocks(f"<p>Map</p>{drawing}")[1:] == [("p", "Words in a drawing.")]


def test_pictures_that_count_readers_are_none() -> None:
    page = read_page(
        "<p>One.</p><img src=/p?id=1 width=1 height=1><img src=/i/spacer.gif><img src=/logo-transparent.png>"
    )
    assert re.findall('src="(.*?)"', to_html(page, EVERY)) == ["/logo-transparent.png"]


@pytest.mark.parametrize(
    "editor",
    [
        "<div class=CodeMirror-code><div><div class=CodeMirror-linenumber>1</div><pre>if tide:</pre></div>"
        "<div><div class=CodeMirror-linenumber>2</div><pre class=CodeMirror-line>    go()</pre></div></div>",
        "<div class=cm-gutters><div>1</div><div>2</div></div><div class=cm-content><div class=cm-line>if tide:</div>"
        "<div class=cm-line>    go()</div></div>",
        "<div class=ace_gutter><div>1</div></div><div class=ace_text-layer><div class=ace_line>if tide:</div>"
        "<div class=ace_line>    go()</div></div>",
        "<div class=margin-view-overlays>1</div><div class=view-lines><div class=view-line><span>if tide:</span></div>"
        "<div class=view-line><span>    go()</span></div></div>",
    ],
)
def test_a_code_editor_is_one_block_of_code(editor: str) -> None:
    assert blocks(f"<div>{editor}</div>") == [("pre", "if tide:\n    go()")]


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("<pre><div>python</div><div><code class=language-python>tie()\n</code></div></pre>", "```python\ntie()\n```"),
        ("<pre><code>a<span class=twoslash-popup>: int</span> = 3</code></pre>", "```\na = 3\n```"),
        ("<div><pre>a\nb</pre><div class=line-numbers><i>1</i><br><i>2</i></div></div>", "```\na\nb\n```"),
        ("<div class=mermaid>graph TD\n  A--&gt;B\n</div>", "```mermaid\ngraph TD\n  A-->B\n```"),
    ],
)
def test_what_stands_in_and_beside_code_is_no_line_of_it(html: str, code: str) -> None:
    assert markdown(html) == code
