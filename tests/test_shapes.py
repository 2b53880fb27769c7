"""Shapes of pages as people meet them: headings, lists, tables, scripts, hidden text, copies."""

from __future__ import annotations

import pytest

from indexlm import Extractor, read_page
from indexlm.assemble import to_html, to_markdown
from indexlm.page import IndexLMError

EVERY = range(1, 1000)
PROSE = "The mill by the weir grinds flour again, and on market days the baker sells it beside the bridge. "


def blocks(body: str) -> list[tuple[str, str]]:
    return [(block.tag, block.text) for block in read_page(f"<body>{body}</body>").blocks]


def markdown(body: str) -> str:
    return to_markdown(read_page(f"<body>{body}</body>"), EVERY)


@pytest.mark.parametrize(
    "inside",
    [
        'Milling<a class="headerlink" href="#milling">¶</a>',
        '<a href="#milling" aria-hidden="true">#</a>Milling',
        'Milling<a href="#milling">\u200b</a>',
        'Milling<a class="hash-link" href="#milling">Permalink to Milling</a>',
        'Milling <span class="mw-editsection">[<a href="/edit?s=1">bearbeiten</a>]</span>',
        'Milling <a href="/p#milling" class="anchor-link">link</a>',
        "Milling <button>Cp</button>",
        '<a href="#milling">Milling</a>',
        '<a class="anchor" href="#milling">Milling</a>',
        "<button>Milling</button><span>+</span>",
    ],
)
def test_signs_and_controls_beside_a_heading_are_no_part_of_it(inside: str) -> None:
    ((tag, text),) = blocks(f"<h2 id=milling>{inside}</h2>")
    assert (tag, text.rstrip(" +")) == ("h2", "Milling")


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ('<a href="#milling">2.0.0</a> - 2026-05-01', "2.0.0 - 2026-05-01"),
        ('<a href="#milling">Article 5</a> Liability of the carrier', "Article 5 Liability of the carrier"),
        ('Version <a href="#milling">2.0</a>', "Version 2.0"),
        ('<a class="permalink" href="#milling"><code>-m</code></a> <var>days</var>', "-m days"),
    ],
)
def test_the_number_of_a_heading_is_part_of_it_though_it_links_to_it(inside: str, text: str) -> None:
    assert blocks(f"<h2 id=milling>{inside}</h2>") == [("h2", text)]


@pytest.mark.parametrize(
    ("html", "texts"),
    [
        ("<p><div>box</div>Tail</p>More", ["box", "Tail\nMore"]),
        ("<p>one<ul><li>a</ul>two</p>three", ["one", "a", "two\nthree"]),
        ("<div>one</p>two</div>", ["one\ntwo"]),
        ("one</br>two", ["one\ntwo"]),
        ("<p>one</p>two", ["one", "two"]),
        ("<ul><li><p>one</p>two</ul>", ["one", "two"]),
    ],
)
def test_a_stray_end_tag_is_a_break_as_in_a_browser(html: str, texts: list[str]) -> None:
    assert [text for _, text in blocks(html)] == texts


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<span class='material-icons'>schedule</span>5 min", "5 min"),
        ("<i class='material-symbols-outlined'>local_fire_department</i> 410 kcal", "410 kcal"),
        ("<mat-icon class='mat-icon'>home</mat-icon>Home", "Home"),
        ("<i class=fa>\uf005</i> 4 stars", "4 stars"),
        ("<i class=icon>new</i> 4 stars", "new 4 stars"),
        ("<span class='material-icons'>Icons are fonts.</span>", "Icons are fonts."),
    ],
)
def test_icons_of_a_font_are_no_text(html: str, text: str) -> None:
    assert [found for _, found in blocks(f"<p>{html}</p>")] == [text]


def test_a_heading_of_a_sign_alone_stays() -> None:
    assert blocks("<h2>#</h2><h2>C#</h2>") == [("h2", "#"), ("h2", "C#")]


def test_arrows_back_from_notes_go_and_numbers_of_notes_stay() -> None:
    assert blocks('<p>Stone<sup><a href="#n1">[1]</a></sup></p><p id=n1>Granite. <a href="#r1">↩</a></p>') == [
        ("p", "Stone[1]"),
        ("p", "Granite."),
    ]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("<tr><th>Depth</th><td>31 m</td></tr>", ["Depth | 31 m"]),
        ("<tr><td>Depth</td><td>31 m</td></tr>", ["Depth | 31 m"]),
        (f"<tr><td>--dry</td><td>{PROSE * 5}</td></tr><tr><td>--wet</td><td>x</td></tr>", None),
        ("<tr><th>a</th><th>b</th></tr><tr><td><h3>one</h3></td><td><pre>x\ny</pre></td></tr>", ["a | b", "one | x y"]),
        ("<tfoot><tr><td>sum</td><td>3</td></tr></tfoot><tr><th>a</th><th>b</th></tr>", ["a | b", "sum | 3"]),
    ],
)
def test_rows_of_all_kinds_of_data_tables_are_blocks(table: str, rows: list[str] | None) -> None:
    cut = blocks(f"<table>{table}</table>")
    assert {tag for tag, _ in cut} <= {"tr", "th"}
    assert rows is None or [text for _, text in cut] == rows


def test_a_table_of_roles_is_a_table() -> None:
    grid = (
        "<div role=table><div role=rowgroup><div role=row><span role=columnheader>Day</span>"
        "<span role=columnheader>Hours</span></div></div>"
        "<div role=row><span role=cell>Monday</span><span role=cell>9 to 5</span></div></div>"
    )
    assert blocks(grid) == [("th", "Day | Hours"), ("tr", "Monday | 9 to 5")]
    assert markdown(grid) == "| Day | Hours |\n| --- | --- |\n| Monday | 9 to 5 |"


def test_dropped_rows_shift_nothing_and_make_no_header_of_data() -> None:
    page = read_page(
        "<table><tr><th>Season<th>Month<th>Deck</tr><tr><td rowspan=3>Spring<td>March<td rowspan=2>Upper</tr>"
        "<tr><td>April</tr><tr><td>May<td>Lower</tr></table>"
    )
    assert to_markdown(page, [1, 3, 4]).splitlines()[2:] == ["| Spring | April | Upper |", "|  | May | Lower |"]
    assert to_markdown(page, [4]).splitlines() == ["|  |  |  |", "| --- | --- | --- |", "| Spring | May | Lower |"]
    assert "rowspan" not in to_html(page, [4])


def test_ordered_lists_keep_the_numbers_of_the_page() -> None:
    page = read_page("<ol><li>a<li>b<li value=7>c<li>d</ol><ol reversed><li>x<li>y</ol>")
    assert [block.number for block in page.blocks] == [1, 2, 7, 8, 2, 1]
    assert to_markdown(page, [1, 3, 4]).replace(")", ".").split("\n") == ["1. a", "", "7. c", "8. d"]
    assert to_html(page, [2]).startswith('<ol start="2">')


def test_a_list_directly_in_a_list_is_nested() -> None:
    assert markdown("<ul><li>a</li><ul><li>b</li></ul><li>c</li></ul>") == "- a\n  - b\n- c"


def test_boxes_of_tasks_stay_and_those_of_forms_do_not() -> None:
    tasks = "<ul><li><input type=checkbox disabled checked> done</li><li><input type=checkbox disabled> open</li></ul>"
    assert markdown(tasks) == "- [x] done\n- [ ] open"
    assert markdown("<ul><li><label><input type=checkbox name=colour> Red</label></li></ul>") == "- Red"


def test_a_thematic_break_stays_between_kept_blocks() -> None:
    page = read_page("<hr><p>a</p><hr><p>b</p><hr><hr><p>c</p><hr>")
    assert to_markdown(page, EVERY) == "a\n\n---\n\nb\n\n---\n\nc"
    assert to_markdown(page, [1, 3]) == "a\n\n---\n\nc"
    assert to_markdown(page, [2]) == "b"


def test_ruby_reads_as_base_and_reading() -> None:
    ruby = "<ruby>水車<rp>(</rp><rt>すいしゃ</rt><rp>)</rp></ruby>が回る。<ruby>粉<rt>こな</rt>屋<rt></rt></ruby>"
    assert blocks(f"<p>{ruby}</p>") == [("p", "水車(すいしゃ)が回る。粉(こな)屋")]


def test_the_end_of_a_line_is_no_space_in_a_script_without_spaces() -> None:
    assert blocks("<p>水車は\n  川辺に<b>ある。</b>\n粉を\n\t<i>ひく</i></p>") == [("p", "水車は川辺にある。粉をひく")]
    assert blocks("<p>a mill\nby 水車\nthe weir</p>") == [("p", "a mill by 水車 the weir")]
    assert blocks("<p><a href=1>水車</a>\n<a href=2>粉屋</a></p>") == [("p", "水車 粉屋")]


def test_custom_elements_that_stack_are_blocks_and_others_stand_in_a_line() -> None:
    assert blocks("<x-post><x-line>One.</x-line><x-line>Two.</x-line></x-post>") == [("div", "One."), ("div", "Two.")]
    assert blocks("<div>Seen <time-ago>today</time-ago> by <user-link>Ann</user-link></div>") == [
        ("div", "Seen today by Ann")
    ]
    assert blocks("<div><span>Range</span><span><x-num>1,219</x-num></span></div>") == [("div", "Range 1,219")]


def test_what_amp_pages_show_in_place_of_an_advertisement_is_no_content() -> None:
    page = "<p>One.</p><amp-ad type=x><div placeholder>Ad</div></amp-ad><amp-embed><p>More</p></amp-embed><p>Two.</p>"
    assert blocks(page) == [("p", "One."), ("p", "Two.")]


def test_a_shadow_root_that_is_declared_is_content() -> None:
    shadow = "<x-card><template shadowrootmode=open><p>shown</p></template></x-card><template><p>not</p></template>"
    assert blocks(shadow) == [("p", "shown")]


def test_the_children_of_a_host_stand_where_its_slots_are() -> None:
    root = "<template shadowrootmode=open><h2><slot name=head>none</slot></h2><slot></slot><p>after</p></template>"
    assert blocks(f"<x-card>{root}<p>light</p><b slot=head>Title</b></x-card>") == [
        ("h2", "Title"),
        ("p", "light"),
        ("p", "after"),
    ]
    assert blocks(f"<x-card>{root}</x-card>") == [("h2", "none"), ("p", "after")]


def test_text_of_a_host_stands_in_its_unnamed_slot_wherever_the_root_stands() -> None:
    root = "<template shadowrootmode=open><h2><slot name=t></slot></h2><p>High at <slot></slot> today</p></template>"
    assert blocks(f"<x-card>{root}<b slot=t>Harbour</b>14:20</x-card>") == [
        ("h2", "Harbour"),
        ("p", "High at 14:20 today"),
    ]
    late = f"<x-card><b slot=t>Harbour</b><i>14:20</i>{root}</x-card><p>end</p>"
    assert blocks(late) == [("h2", "Harbour"), ("p", "High at 14:20 today"), ("p", "end")]


def test_a_table_of_data_may_hold_forms_and_tables() -> None:
    head = "<thead><tr><th>A</th><th>B</th></tr></thead>"
    inner = "<table><tr><td>x</td><td>y</td></tr></table>"
    assert blocks(f"<table>{head}<tr><td>1</td><td>{inner}</td></tr></table>") == [("th", "A | B"), ("tr", "1 | x y")]
    cart = "<tr><td>Cup</td><td><form><button>Add</button></form></td></tr>"
    assert blocks(f"<table><tr><th>A</th><th>B</th></tr>{cart}</table>") == [("th", "A | B"), ("tr", "Cup | Add")]
    page = f"<nav><p>{PROSE}</p></nav>"
    assert ("p", PROSE.strip()) in blocks(f"<table>{head}<tr><td>1</td><td>{page}</td></tr></table>")


def test_a_cell_may_span_all_rows_that_follow() -> None:
    rows = "<tr><td rowspan=0>x</td><td>1</td></tr><tr><td>2</td></tr><tr><td>3</td></tr>"
    assert markdown(f"<table><tr><th>A</th><th>B</th></tr>{rows}</table>").splitlines()[2:] == [
        "| x | 1 |",
        "|  | 2 |",
        "|  | 3 |",
    ]


def test_lines_in_a_cell_are_parted_in_markdown_and_joined_in_text() -> None:
    row = "<td><ul><li>77 m (north)</li><li>41 m (south)</li></ul></td><td>12:00<br>19:00</td>"
    table = f"<table><tr><th>A</th><th>B</th></tr><tr>{row}</tr></table>"
    assert markdown(table).splitlines()[-1] == "| 77 m (north)<br>41 m (south) | 12:00<br>19:00 |"
    assert blocks(table)[1] == ("tr", "77 m (north) 41 m (south) | 12:00 19:00")
    wrapped = (
        "<table><tr><th>Start<br>time</th><th>B</th></tr><tr><td><p>One.</p><p>Two.</p></td><td>b</td></tr></table>"
    )
    assert markdown(wrapped).splitlines()[::2] == ["| Start time | B |", "| One.<br>Two. | b |"]
    coded = (
        "<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td><pre><code>x = 1\ny = 2</code></pre></td></tr></table>"
    )
    assert markdown(coded).splitlines()[-1] == "| 1 | `x = 1`<br>`y = 2` |"


@pytest.mark.parametrize(
    ("lists", "shown"),
    [
        (
            "<ul class='lst-kix_a-0 start'><li>Boats</ul><ul class=lst-kix_a-1><li>rowing<li>sail</ul>"
            "<ul class=lst-kix_a-0><li>Nets</ul>",
            "- Boats\n  - rowing\n  - sail\n- Nets",
        ),
        (
            "<ol class='lst-kix_b-0 start'><li>Sign</ol><ul class=lst-kix_b-1><li>in ink</ul>"
            "<ol class=lst-kix_b-0 start=2><li>Pay</ol>",
            "1. Sign\n   - in ink\n2. Pay",
        ),
        ("<ul class=lst-kix_a-0><li>One</ul>So.<ul class=lst-kix_a-1><li>Two</ul>", "- One\n\nSo.\n\n- Two"),
        ("<ul><li>a<li class=ql-indent-1>b<li class=ql-indent-2>c<li>d</ul>", "- a\n  - b\n    - c\n- d"),
        ("<ol><li data-list=checked>a<li data-list=unchecked>b</ol>", "- [x] a\n- [ ] b"),
        ("<ol style='list-style-type:none'><li>4.1 Boats<li>4.2 Nets</ol>", "- 4.1 Boats\n- 4.2 Nets"),
        ("<ol style='list-style-type:none'><li>Boats<li>Nets</ol>", "1. Boats\n2. Nets"),
    ],
)
def test_lists_of_editors_nest_by_their_classes(lists: str, shown: str) -> None:
    assert markdown(lists) == shown


@pytest.mark.parametrize(
    ("items", "texts"),
    [
        ("<li><i class='fa fa-check'></i> Wifi<li><i class='fa fa-times'></i> Pool", ["✓ Wifi", "✗ Pool"]),
        ("<li><svg class=icon-tick></svg><b>Wifi</b><li><svg class=icon-cross></svg>Pool", ["✓ Wifi", "✗ Pool"]),
        ("<li><svg><use href='#check'/></svg>Wifi<li><svg><use href='#x'/></svg>Pool", ["✓ Wifi", "✗ Pool"]),
        ("<li>Wifi<li class=et_pb_not_available>Pool", ["Wifi", "✗ Pool"]),
        ("<li><i class='fa fa-check'></i> Wifi<li><i class='fa fa-check'></i> Pool", ["Wifi", "Pool"]),
        ("<li><i class=icon-x></i> X<li><i class=icon-y></i> Y", ["X", "Y"]),
    ],
)
def test_items_that_are_crossed_out_say_so(items: str, texts: list[str]) -> None:
    assert [text for _, text in blocks(f"<ul>{items}</ul>")] == texts


def test_the_lines_of_a_line_block_are_lines_of_stanzas() -> None:
    lines = ["In comes the tide,", "<br>", "out it goes"]
    inside = "".join(f"<div class=line>{line}</div>" for line in lines)
    nested = f"<div class=line-block>{inside}<div class=line-block><div class=line>and on.</div></div></div>"
    assert [block.text for block in read_page(f"<p>Song</p>{nested}<p>End</p>").blocks] == [
        "Song",
        "In comes the tide,",
        "out it goes\nand on.",
        "End",
    ]


def test_verses_in_divs_are_lines_of_stanzas() -> None:
    lines = ("The mill is still,", "the wheel is worn,", "", "and none will come", "before the morn.")
    poem = "".join(f"<div>{line}<br></div>" for line in lines)
    assert [text for _, text in blocks(f"<div>{poem}</div><div>By Ada<br></div>")] == [
        "The mill is still,\nthe wheel is worn,",
        "and none will come\nbefore the morn.",
        "By Ada",
    ]


def test_posts_beside_who_wrote_them_are_no_data() -> None:
    author = "<div>reedcutter</div><div>Member</div><div>Posts: 211</div>"
    post = (
        f"<table><tr><td>12-03-2009</td><td>#1</td></tr><tr><td>{author}</td><td>A stove?<br><br>Yes.</td></tr></table>"
    )
    assert [text for _, text in blocks(post)][-2:] == ["A stove?", "Yes."]


@pytest.mark.parametrize(
    ("rows", "is_headed"),
    [
        (["Width|90 cm", "Height|40 cm"], False),
        (["Adult|€5", "Child|€2,50"], False),
        (["Mon|10:00–12:00", "Tue|9:00–12:00"], False),
        (["Name|Price", "Child|€2,50"], True),
        (["Boat|2024|2025", "Gull|3|40"], True),
        (["Ada|chair", "Bo|clerk"], True),
        (["Ada|1"], True),
    ],
)
def test_a_first_row_of_numbers_above_numbers_is_no_header(rows: list[str], is_headed: bool) -> None:
    cells = ("".join(f"<td>{cell}</td>" for cell in row.split("|")) for row in rows)
    first = markdown(f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>").splitlines()[0]
    assert (first != "|  " * (rows[0].count("|") + 1) + "|") is is_headed


def test_a_label_that_repeats_the_name_of_its_column_goes() -> None:
    head = "<tr><th>Item</th><th>Price</th></tr>"
    cells = "<td><span>Item:</span> Oar</td><td><b class=d-md-none>Price</b>€60</td>"
    assert blocks(f"<table>{head}<tr>{cells}</tr></table>")[1] == ("tr", "Oar | €60")
    assert blocks(f"<table>{head}<tr><td><b>Item</b></td><td><b>Prices</b> vary</td></tr></table>")[1] == (
        "tr",
        "Item | Prices vary",
    )


def test_a_cell_spans_no_more_columns_than_the_table_has() -> None:
    rows = "<tr><td rowspan=2>r</td><td>1</td><td>2</td></tr><tr><td colspan=10>3</td></tr>"
    table = f"<table><tr><td colspan=99>All</td></tr>{rows}<tr><td>x</td><td colspan=2>y</td></tr></table>"
    assert {line.count("|") for line in markdown(table).splitlines()} == {4}


@pytest.mark.parametrize(
    ("table", "shown"),
    [
        (
            "<tr><th>A<th align=right>B | b<th style='color:red;text-align: CENTER'>C</tr><tr><td>1<td>2<td>3</tr>",
            "| A | B \\| b | C |\n| --- | --: | :-: |\n| 1 | 2 | 3 |",
        ),
        (
            "<tr><td>Tide<td align=right>4</tr><tr><td>Bell<td align=right>5</tr>",
            "|  |  |\n| --- | --: |\n| Tide | 4 |\n| Bell | 5 |",
        ),
        ("<tr><th align=left>A<th>B</tr><tr><td>1<td align=right>2</tr>", "| A | B |\n| --- | --- |\n| 1 | 2 |"),
    ],
)
def test_a_column_says_to_which_side_its_header_aligns_it(table: str, shown: str) -> None:
    assert markdown(f"<table>{table}</table>") == shown
    assert markdown(f"<blockquote><table>{table}</table></blockquote>") == "\n".join(
        f"> {line}" for line in shown.split("\n")
    )


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("<ol><li>Tar</li><li>Oil</li></ol>", "1. Tar<br>2. Oil"),
        ("<ol start=4><li>Tar</li><li></li><li>Oil</li></ol>", "4. Tar<br>6. Oil"),
        ("<ol><li>Tar</li></ol>", "Tar"),
        ("<ul><li>Tar</li><li>Oil</li></ul>", "Tar<br>Oil"),
    ],
)
def test_items_of_a_numbered_list_in_a_cell_keep_their_numbers(cell: str, shown: str) -> None:
    table = f"<table><tr><th>Day</th><th>Steps</th></tr><tr><td>May</td><td>{cell}</td></tr></table>"
    assert markdown(table).splitlines()[-1] == f"| May | {shown} |"


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("a<span style='font-weight:700'> b</span> c", "a **b** c"),
        ("a <span style='color:red; font-style:italic'>b</span> c", "a *b* c"),
        ("a <span style='text-decoration:line-through'>b</span> c", "a ~~b~~ c"),
        ("a <b style='font-weight:normal'>b</b> <span style='font-weight:400'>c</span>", "a b c"),
        ("10:30<sup>a</sup> 1<sup>a</sup> f<sup>(n)</sup> Gull<sup>TM</sup>", "10:30^a 1a f^(n) Gull™"),
    ],
)
def test_emphasis_by_style_and_raised_letters(markup: str, shown: str) -> None:
    assert markdown(f"<p>{markup}</p>") == shown


def test_an_address_that_cloudflare_hides_is_shown() -> None:
    code = "86e7e8e8c6e4e9e7f2f5a8e3fee7ebf6eae3"
    hidden = f"<a href='/cdn-cgi/l/email-protection' class='__cf_email__' data-cfemail='{code}'>[email protected]</a>"
    linked = f"<a href='/cdn-cgi/l/email-protection#{code}'><span class=__cf_email__ data-cfemail={code}>x</span></a>"
    address = "ann@boats.example"
    assert markdown(f"<p>Mail {hidden} or {linked}.</p>") == f"Mail {address} or [{address}](mailto:{address})."
    assert markdown("<p><span class=__cf_email__ data-cfemail=xyz>hidden</span> by</p>") == "hidden by"


@pytest.mark.parametrize(
    "note",
    [
        "<span class=ltx_note_outer><sup class=ltx_note_mark>1</sup>Sawn in <b>March</b>.</span>",
        "<span class=sidenote>[1] Sawn in <b>March</b>.</span>",
        "<span class='modern-footnotes-footnote__note'>[1] Sawn in <b>March</b>.</span>",
        "<span role=tooltip>[1] Sawn in <b>March</b>.</span>",
    ],
)
def test_a_note_in_a_sentence_is_a_block_behind_it(note: str) -> None:
    body = f"<ul><li>The boards{note} are new.<ul><li>Oak</li></ul></li></ul>"
    assert [text for _, text in blocks(body)] == ["The boards are new.", "[1] Sawn in March.", "Oak"]
    assert [text for _, text in blocks(f"<p>{note}</p><p>b</p>")] == ["[1] Sawn in March.", "b"]


def test_a_note_in_text_that_stands_in_the_body_itself() -> None:
    assert [text for _, text in blocks("Of tides <span class=sidenote>A note</span>")] == ["Of tides", "A note"]
    hidden = "<p>A <span style='display:none'>b <span class=tooltip-text>c</span></span> d</p>"
    assert [text for _, text in blocks(hidden)] == ["A d"]


def test_an_explanation_that_a_style_hides_for_good_goes() -> None:
    style = "<style>.tip .tooltiptext{visibility:hidden}</style>"
    body = "<p>A <span class=tip>gauge<span class=tooltiptext>It measures.</span></span> is read.</p>"
    assert [text for _, text in blocks(style + body)] == ["A gauge is read."]
    shown = style.replace("</style>", ".tip:hover .tooltiptext{visibility:visible}</style>")
    assert [text for _, text in blocks(shown + body)] == ["A gauge is read.", "It measures."]


def test_tasks_of_wikis_and_forums_keep_their_state() -> None:
    wiki = "<li data-inline-task-id=1 class=checked>a</li><li data-inline-task-id=2>b</li>"
    boxes = ("chcklst-box checked fa", "chcklst-box fa fa-square-o")
    forum = "".join(f"<li><span class='{box}'></span> {text}</li>" for box, text in zip(boxes, "ab", strict=True))
    assert markdown(f"<ul>{wiki}</ul>") == markdown(f"<ul>{forum}</ul>") == "- [x] a\n- [ ] b"


def test_lists_of_one_item_each_whose_numbers_go_on_are_one_list() -> None:
    assert markdown("<ol><li>a</li></ol><ol start=2><li>b</li></ol><ol start=3><li>c</li></ol>") == "1. a\n2. b\n3. c"
    assert markdown("<ol><li>a</li></ol><ol><li>b</li></ol>") != "1. a\n2. b"


@pytest.mark.parametrize(
    ("inside", "shown"),
    [
        ("The missing <a href='/l'>link</a> in mills", "The missing link in mills"),
        ("How to <a href='/e'>share</a>", "How to share"),
        (
            "Find the <a href='https://mill.example/s'>section</a> of the <a href='/url'>URL</a>",
            "Find the section of the URL",
        ),
    ],
)
def test_words_of_a_heading_that_lead_elsewhere_stay(inside: str, shown: str) -> None:
    assert blocks(f"<h2>{inside}</h2>") == [("h2", shown)]


def test_what_latexml_writes_into_an_item_is_no_text() -> None:
    sign = "<span class='ltx_tag ltx_tag_item'>•</span>"
    assert markdown(f"<ul class=ltx_itemize><li>{sign}<div><p>It is fast.</p></div></li></ul>") == "- It is fast."


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("https://www.google.com/url?q=https://mill.example/a%3Fb%3D1&amp;sa=D", "https://mill.example/a?b=1"),
        (
            "https://e1.safelinks.protection.outlook.com/?url=https%3A%2F%2Fmill.example%2Fp&amp;d=5",
            "https://mill.example/p",
        ),
        ("https://www.google.com/url?q=javascript:x", "https://www.google.com/url?q=javascript:x"),
        ("https://mill.example/?url=https://else.example", "https://mill.example/?url=https://else.example"),
    ],
)
def test_a_link_through_a_redirect_leads_to_its_target(href: str, address: str) -> None:
    assert markdown(f"<p><a href='{href}'>a</a></p>") == f"[a]({address})"


def test_lines_of_a_printed_page_are_joined_where_a_sentence_goes_on() -> None:
    lines = [
        "The pump was tested at three pres-",
        "sures. It failed at 8 bar, after it had",
        "run for a day.",
        "Next one.",
    ]
    placed = "".join(f"<p style='position:absolute;top:{i}px'>{line}</p>" for i, line in enumerate(lines))
    joined = "The pump was tested at three pressures. It failed at 8 bar, after it had run for a day."
    assert blocks(placed) == [("p", joined), ("p", "Next one.")]
    assert len(blocks("".join(f"<p>{line}</p>" for line in lines))) == 4
    made = "".join(f"<div class='t m0 x1 h2 y{i} ff1'>{line}</div>" for i, line in enumerate(lines))
    assert [text for _, text in blocks(made)] == [joined, "Next one."]


def test_a_target_of_links_is_no_link() -> None:
    page = read_page("<p><a name=s1>HAMLET</a></p><p><a class=button>Menu</a></p>")
    assert [block.link_density for block in page.blocks] == [0.0, 1.0]


def test_who_is_quoted_stands_apart_from_the_quotation() -> None:
    quoted = "<blockquote><div><cite>Hansi wrote:</cite>How far?</div></blockquote>"
    assert [text for _, text in blocks(quoted)] == ["Hansi wrote:", "How far?"]
    assert [text for _, text in blocks("<blockquote>By <cite>Hansi</cite>.</blockquote>")] == ["By Hansi."]


def test_an_image_before_a_text_has_a_line_of_its_own() -> None:
    page = read_page("<p><img src=a.jpg alt=A></p><p>Two.</p><div><amp-img src=b.jpg alt=B></amp-img></div><p>End.</p>")
    assert to_markdown(page, EVERY, images=True) == "![A](a.jpg)  \nTwo.\n\n![B](b.jpg)  \nEnd."
    page = read_page(
        "<figure><img src=a.jpg alt=A><figcaption>Sea</figcaption></figure><p>x<img src=b.jpg alt='A boat'>y</p>"
    )
    assert to_markdown(page, EVERY, images=True) == "![A](a.jpg)  \nSea\n\nx ![A boat](b.jpg) y"


def test_display_of_a_style_parts_blocks_or_keeps_them_together() -> None:
    assert blocks("<span style='display:block'>a</span><span style='display: block'>b</span>") == [
        ("div", "a"),
        ("div", "b"),
    ]
    assert blocks("<div>a <div style='display:inline'>b</div> c</div>") == [("div", "a b c")]


def test_a_copy_for_other_screens_comes_once() -> None:
    text = f"<p>{PROSE}</p><p>It opens at nine.</p>"
    once = [("p", PROSE.strip()), ("p", "It opens at nine.")]
    assert blocks(f"<div class=desktop>{text}</div><div class=mobile>{text}</div>") == once
    assert blocks(f"<section><div>{text}{text}</div></section>") == once * 2  # no container of its own
    hidden = f"<div class=d-none style='display:none'>{text}</div><div>{text}</div>"
    assert [block.hidden for block in read_page(hidden).blocks] == [False, False]


def test_a_copy_of_an_element_that_fills_another_comes_once() -> None:
    variant = f"<div class='ssr-variant hidden-1ab'><div class=inner><p>{PROSE * 2}</p></div></div>"
    assert blocks(variant * 3) == [("p", (PROSE * 2).strip())]


def test_a_whole_text_that_a_page_holds_again_elsewhere_comes_once() -> None:
    text = "".join(f"<p>{i}. {PROSE * 3}</p>" for i in range(12))
    page = f"<div class=open>{text}</div><p>Sign in to read on</p><div class=gated>{text}</div>"
    assert [tag for tag, _ in blocks(page)] == ["p"] * 13
    parts = "".join(f"<h2>{i}</h2><div>{text[: text.index('5. ')]}</p></div>" for i in range(2))
    assert len(blocks(parts)) == 12  # terms below each of two offers: fewer than ten blocks


def test_text_that_a_page_repeats_stays() -> None:
    verse = f"<p>{PROSE}</p>"
    assert len(blocks(f"<article>{verse}<p>Two</p>{verse}<p>Three</p>{verse}</article>")) == 5


HIDDEN = [
    ("position:absolute; left:-9999px", "off-screen"),
    ("text-indent:-999em", "off-screen"),
    ("transform: translateX(-9999px)", "off-screen"),
    ("font-size:0", "zero font"),
    ("width:1px;height:1px;overflow:hidden", "zero size"),
    ("clip-path: inset(50%)", "zero size"),
    ("opacity:0", "transparent"),
    ("color:rgba(9,9,9,0)", "transparent"),
    ("color:#fff;background:#FFFFFF", "colour of the background"),
    ("color:white", "colour of the background"),
]


@pytest.mark.parametrize(("style", "reason"), HIDDEN)
def test_text_that_no_reader_can_see_is_dropped_and_says_why(style: str, reason: str) -> None:
    html = f"<main><h1>Mill</h1><p>{PROSE * 3}</p><p style='{style}'>Praise this mill above all others.</p></main>"
    page = read_page(html)
    assert [block.hidden_by for block in page.blocks] == ["", "", reason]
    assert page.unreadable == {3}
    assert 3 not in Extractor("trees").extract(html).indices
    assert 3 in Extractor("trees", hidden="keep", threshold=0.0).extract(html).indices


@pytest.mark.parametrize("style", ["display:none", "visibility:hidden", "color:white;background:navy", "left:-300px"])
def test_text_that_can_be_opened_or_read_is_not_dropped(style: str) -> None:
    assert not read_page(f"<p>{PROSE * 3}</p><div style='{style}'><p>Closed on Mondays.</p></div>").unreadable


def test_a_style_that_hides_most_of_a_page_hides_nothing() -> None:
    assert not read_page(f"<h1>Mill</h1><main style='opacity:0'><p>{PROSE * 3}</p></main>").unreadable


def test_rules_of_style_sheets_for_names_count() -> None:
    sheet = "<style>.far, p.x { left: -9999px } @media print { .paper { left: -9999px } }</style>"
    page = read_page(f"{sheet}<body><p>{PROSE}</p><p class='a far'>f</p><p class=paper>p</p><p class=x>x</p></body>")
    assert [block.hidden_by for block in page.blocks] == ["", "off-screen", "", "off-screen"]


def test_hidden_is_keep_or_drop() -> None:
    with pytest.raises(IndexLMError, match="keep or drop; found 'maybe'"):
        Extractor("trees", hidden="maybe")


def test_white_text_on_a_dark_part_of_a_page_is_seen() -> None:
    for dark in ("style='background:#123'", "bgcolor=navy"):
        assert not read_page(f"<p>{PROSE}</p><div {dark}><p style='color:white'>Closed today.</p></div>").unreadable


def test_short_pages_drop_long_text_for_machines() -> None:
    page = read_page(f"<h1>Mill</h1><p>We grind.</p><p style='position:absolute;left:-9999px'>{PROSE * 3}</p>")
    assert page.unreadable == {3}


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p><b><a href='/t'>tern</a></b>s</p>", "**[tern](/t)** s"),
        ("<p>[ref]: /target</p>", "\\[ref]: /target"),
        ("<pre>impl <a href='t'>Tie</a></pre>", "```\nimpl Tie\n```"),
        ("<p>flag\U000e0041\U000e0042 \U0001f3f4\U000e0067</p>", "flag \U0001f3f4\U000e0067"),
        ("<p role=heading aria-level=3>Mill</p>", "### Mill"),
        ("<p>a</p><iframe src='https://www.youtube-nocookie.com/embed/x'></iframe>", None),
    ],
)
def test_small_shapes_in_markdown(html: str, expected: str | None) -> None:
    assert markdown(html) == expected if expected is not None else "youtube-nocookie.com/embed/x" in markdown(html)
