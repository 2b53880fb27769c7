"""The segmenter: what is a block, and that no word is lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from indexlm import Page, read_page
from indexlm.html.decode import decode
from indexlm.html.hidden.consent import find_consents
from indexlm.html.hidden.screen_readers import says_nothing_new
from indexlm.html.marks import SPOKEN, read_marks
from indexlm.html.permalinks import is_sign
from indexlm.html.prepare.word_lists import read_word_lists
from indexlm.html.tags import SKIPPED
from tests.conftest import MAIN, golden_html, golden_page


def blocks(body: str, **more: str) -> list[tuple[str, str]]:
    return [(block.tag, block.text) for block in read_page(f"<body>{body}</body>", **more).blocks]


def visible(element: Any) -> Iterator[str]:
    """Every text node in document order (an independent walk), but for what goes: skipped, permalinks, said twice."""
    is_control = element.tag == "a" and (element.get("href") or "").startswith("javascript:") and is_sign(element)
    is_permalink = is_control or (element.tag == "a" and "headerlink" in (element.get("class") or ""))
    is_said_twice = read_marks(element.get("class") or "") & SPOKEN and says_nothing_new(element)
    if isinstance(element.tag, str) and element.tag not in SKIPPED and not (is_permalink or is_said_twice):
        yield element.text or ""
        for child in element:
            yield from visible(child)
            yield child.tail or ""


_NO_LETTERS = re.compile(r"[\s\x00-\x20\xad\u200b-\u200d\u2060-\u2064\ufeff|^_()\[\]]+")


def letters(texts: Iterator[str]) -> str:
    """All that is not space or a control character, nor the bar that joins table cells; raised digits as digits."""
    return _NO_LETTERS.sub("", normalize("NFKC", "".join(texts)))


def expected_letters(html: str) -> str:
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    root = etree.HTML(html.encode("utf-8", "replace"), parser)
    read_word_lists(root.iter("p"))  # the signs of items are no text
    for consent in find_consents(root if root.find("body") is None else root.find("body")):
        consent.text, consent[:] = None, []
    return letters(text for top in (root, *root.itersiblings()) for text in visible(top))


def assert_conserved(html: str, page: Page) -> None:
    expected = expected_letters(html)
    assert letters(block.text for block in page.blocks) == expected
    unwrapped = (
        etree.HTML(f"<table>{b.html}</table>" if b.tag in ("tr", "th") else f"<body>{b.html}</body>")
        for b in page.blocks
    )
    assert letters("".join(tree.itertext()) for tree in unwrapped) == expected


@pytest.mark.parametrize("name", MAIN)
def test_golden_page_conserves_every_text_node(name: str) -> None:
    """Each visible text node is in exactly one block, in text and in markup, in document order."""
    html = golden_html(name).decode("gb18030" if name == "chinese" else "utf-8")
    assert_conserved(html, golden_page(name))


_CLASSES = re.compile(r"(\sclass=[\"'])([^\"'<>]*)")
_HIDING = re.compile(r"(?<!\S)(?:d-none|display-none|is-hidden|hidden)(?!\S)")


def test_real_pages_lose_and_add_hardly_a_letter(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes is meant to: permalinks, numbers of lines and items; what comes stands for images.

    Names that hide pieces of a text are left out, and copies stay: `test_hidden.py` and `test_shapes.py` tell which go.
    """
    from eval.rows import read_rows

    monkeypatch.setattr("indexlm.html.read.without_copies", list)
    rows = read_rows(data / "me" / "dev.parquet")[::2]
    assert len(rows) > 300
    unchanged = lost = added = total = 0
    for row in rows:
        html = _CLASSES.sub(lambda m: m[1] + _HIDING.sub("", m[2]), row["html"].encode("utf-8", "replace").decode())
        expected, shown = Counter(expected_letters(html)), Counter(letters(b.text for b in read_page(html).blocks))
        page_lost, page_added = (expected - shown).total(), (shown - expected).total()
        assert page_lost <= 0.2 * expected.total(), row["id"]
        unchanged += not page_lost and not page_added
        lost, added, total = lost + page_lost, added + page_added, total + expected.total()
    assert lost <= 0.006 * total
    assert added <= 0.001 * total
    assert unchanged >= 0.72 * len(rows)


_TAGS = "div p span b a li ul td tr table h2 br pre blockquote noscript script em dd dl section"
_tags = st.sampled_from(sorted(_TAGS.split(" ")))
_trees = st.recursive(
    st.text("ab <&|\n", max_size=6).map(lambda s: s.replace("<", "&lt;")),
    lambda inner: st.builds(lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", _tags, st.lists(inner, max_size=4)),
    max_leaves=25,
)


@settings(deadline=None, max_examples=300, derandomize=True)
@given(_trees)
def test_any_markup_conserves_every_text_node(body: str) -> None:
    """The law holds for markup that nobody would write."""
    html = f"<html><body>{body}</body></html>"
    assert_conserved(html, read_page(html))


def test_inline_markup_stays_inside_its_block() -> None:
    page = read_page("<p>One <b>bold</b> and <a href='/x'>a <i>link</i></a>.</p>")
    assert [block.inner for block in page.blocks] == ['One <b>bold</b> and <a href="/x">a <i>link</i></a>.']


def test_inline_element_around_blocks_is_opened_again_in_each() -> None:
    page = read_page("<body><a href=/x><div>one</div><div>two</div></a></body>")
    assert [block.inner for block in page.blocks] == ['<a href="/x">one</a>', '<a href="/x">two</a>']


def test_bare_text_and_elements_make_blocks_in_order() -> None:
    assert blocks("top<div>in<p>par</p>after</div>end") == [
        ("div", "top"),
        ("div", "in"),
        ("p", "par"),
        ("div", "after"),
        ("div", "end"),
    ]


def test_two_line_breaks_part_a_run_and_one_does_not() -> None:
    assert blocks("<p>a<br>b<br><br>c<br> \n <br/>d</p>") == [("p", "a\nb"), ("p", "c"), ("p", "d")]


def test_headings_list_items_terms_and_captions_are_told() -> None:
    body = (
        "<h2><span>H</span></h2><ul><li>i<ul><li>j</ul></ul><dl><dt>t<dd>d</dl>"
        "<figure><figcaption>c</figcaption></figure>"
    )
    assert blocks(body) == [("h2", "H"), ("li", "i"), ("li", "j"), ("dt", "t"), ("dd", "d"), ("figcaption", "c")]


def test_pre_keeps_its_whitespace() -> None:
    assert blocks("<pre>\n  a\n\n    b  c\n</pre>") == [("pre", "  a\n\n    b  c")]


@pytest.mark.parametrize(
    ("markup", "language"),
    [
        ('<pre><code class="language-py">x</code></pre>', "py"),
        ('<div class="highlight-source-shell"><pre>x</pre></div>', "shell"),
        ('<pre class="brush: js">x</pre>', "js"),
        ('<pre class="lang-c++">x</pre>', "c++"),
        ('<div class="highlight-default"><pre>x</pre></div>', ""),
    ],
)
def test_code_language_is_read(markup: str, language: str) -> None:
    (block,) = read_page(f"<body>{markup}</body>").blocks
    assert block.inner == (f'<code class="language-{language}">x</code>' if language else "<code>x</code>")


def test_rows_of_a_data_table_are_blocks_with_joined_cells() -> None:
    body = "<table><tr><th>a<th>b</tr><tr><td>1<td><p>2</p><p>3</p></tr><tr><td><td>4</tr></table>"
    assert blocks(body) == [("th", "a | b"), ("tr", "1 | 2 3"), ("tr", "| 4")]


@pytest.mark.parametrize(
    "table",
    [
        "<table role=presentation><tr><td>a<td>b</tr><tr><td>c<td>d</tr></table>",
        "<table><tr><td><table><tr><td>a<td>b</tr></table></td></tr><tr><td>c</td><td>d</td></tr></table>",
        "<table><tr><td><div>a</div><div>b</div></td><td><div>c</div><div>d</div></td></tr></table>",
        "<table><tr><td><td>a<tr><td><td>b<tr><td><td>c<tr><td>d<td></table>",
        "<table><tr><td class=icon><i title=a></i><td>b</table><table><tr><td class=icon>c<td>d</table>",
    ],
)
def test_layout_tables_are_walked_into(table: str) -> None:
    assert blocks(table) == [("div", "a"), ("div", "b"), ("div", "c"), ("div", "d")]


def test_code_and_form_controls_are_no_content_but_noscript_is() -> None:
    body = (
        "<script>s</script><style>s</style><template><p>t</p></template><svg><text>v</text></svg><!-- c -->"
        "<select><option>o</option></select><textarea>x</textarea><noscript><p>thread</p></noscript>"
    )
    assert blocks(body) == [("p", "thread")]


@pytest.mark.parametrize(
    ("body", "controls"),
    [
        ("<button>Save</button><p>Press <button>Send</button></p>", ["Save"]),
        ("<p>Press <button><span class=hidden>Save the file</span></button> now.</p>", []),
        ("<button class=accordion>Shipping</button><div>We ship.</div>", []),
        ("<button data-bs-toggle=collapse>Returns</button><div>Send it back.</div>", []),
        ("<button class=tablinks>Oars</button><button class=menu-toggle>Menu</button>", []),
        ("<button class=menu-toggle>Menu</button><p>Soup</p>", ["Menu"]),
        ("<button><h3>Small boat</h3><p>9 a day</p></button>", []),
        ("<div><button>US cups</button> - <button>Metric</button></div>", ["US cups - Metric"]),
        ("<div><button>Metric</button> or US cups</div>", []),
    ],
)
def test_blocks_of_buttons_that_open_or_hold_nothing_are_controls(body: str, controls: list[str]) -> None:
    assert [block.text for block in read_page(body).blocks if block.is_control] == controls


def test_markup_that_a_browser_saved_as_the_text_of_a_noscript_is_read() -> None:
    page = "<p>One</p><noscript>{}</noscript><p>Two</p>"
    assert blocks(page.format("&lt;div&gt;&lt;p&gt;Tides: see &lt;b&gt;here&lt;/b&gt;&lt;/p&gt;&lt;/div&gt;"))[1:2] == [
        ("p", "Tides: see here")
    ]
    assert blocks(page.format('&lt;img id="pixel" src="/0.gif"&gt;')) == [("p", "One"), ("p", "Two")]
    assert blocks(page.format("1 &lt; 2"))[1] == ("div", "1 < 2")


@pytest.mark.parametrize("mark", ["hidden", 'aria-hidden="true"', 'style="color: red; display : none"'])
def test_hidden_blocks_are_marked_and_kept(mark: str) -> None:
    page = read_page(f"<body><div {mark}><p>secret</p></div><p>seen</p></body>")
    assert [(block.text, block.hidden) for block in page.blocks] == [("secret", True), ("seen", False)]


def test_link_density_is_the_share_of_linked_characters() -> None:
    (block,) = read_page("<p>abcd <a href=x>efghij</a></p>").blocks
    assert block.link_density == 0.6


def test_path_names_ancestors_and_nodes_number_them() -> None:
    one, two = read_page('<body><main class="col-x Post2 postBody" id=m><p>a</p><p>b</p></main></body>').blocks
    assert one.path == ("body", "main.col.post.body", "p")
    assert one.nodes[:2] == two.nodes[:2]
    assert one.nodes[2] != two.nodes[2]


def test_image_without_text_goes_with_the_next_block() -> None:
    page = read_page(
        "<body><figure><img src=a.png alt='A \"b\"'><figcaption>cap</figcaption></figure>"
        "<div><img data-src=z.png></div></body>"
    )
    assert [block.inner for block in page.blocks] == [
        '<img src="a.png" alt="A &quot;b&quot;"/>cap<img src="z.png" alt=""/>'
    ]


def test_title_language_base_and_stated_kinds_are_read() -> None:
    page = read_page(
        '<html lang="de"><head><title> A\n b </title><base href="/sub/"><meta property="og:type" content="Article">'
        '<script type="application/ld+json">{"@type": ["NewsArticle"]}</script></head><body><p>x</p></body></html>',
        url="https://e.example/d/page.html",
    )
    assert (page.title, page.lang, page.base_url) == ("A b", "de", "https://e.example/sub/")
    assert page.kinds == ("article", "newsarticle")


@pytest.mark.parametrize(
    ("title", "body", "heading"),
    [
        ("The ferry | Isle", "<h1>Isle</h1><h1>The old ferry</h1>", "Isle"),  # the first that the title holds
        ("The ferry", "<h1>Isle of Man</h1><h1>The old ferry</h1>", "The old ferry"),
        ("渡し船の時刻表｜島", "<h1>島の宿</h1><h1>渡し船の時刻表</h1>", "渡し船の時刻表"),  # no spaces between words
        ("Something else", "<h1>The ferry</h1>", "The ferry"),  # the only one
        ("Something else", "<h1>The ferry</h1><h1>The bus</h1>", None),
        ("The ferry", "<h1 hidden>The ferry</h1>", None),
        ("The ferry", "<h2>The ferry</h2>", None),
    ],
)
def test_the_heading_that_names_the_page(title: str, body: str, heading: str | None) -> None:
    page = read_page(f"<title>{title}</title><body><p>Text</p>{body}<p>Text</p>")
    assert (page.blocks[page.heading - 1].text if page.heading else None) == heading


def test_address_that_the_page_states_stands_in_for_a_missing_one() -> None:
    html = '<head><link rel="canonical" href="https://e.example/a"></head><body>x</body>'
    assert read_page(html).url == "https://e.example/a"
    assert read_page(html, url="https://other.example/").url == "https://other.example/"


@pytest.mark.parametrize(
    "data",
    [
        "<p>Größe 三 naïve</p>".encode(),
        "<p>Größe 三 naïve</p>".encode("utf-8-sig"),
        "<p>Größe 三 naïve</p>".encode("utf-16"),
        b"<meta charset=gb18030>" + "<p>Größe 三 naïve</p>".encode("gb18030"),
        b'<meta http-equiv="Content-Type" content="text/html; charset=utf-8">' + "<p>Größe 三 naïve</p>".encode(),
    ],
)
def test_encoding_is_told_by_mark_declaration_or_detection(data: bytes) -> None:
    assert read_page(data).text == "Größe 三 naïve"


def test_undeclared_legacy_encoding_is_detected() -> None:
    text = "Привет, это обычный русский текст, написанный в старой кодировке для проверки."
    assert read_page(f"<p>{text}</p>".encode("cp1251")).text == text


@pytest.mark.parametrize(
    "data", [b"", b"   ", b"<!-- -->", b"\x00\x01", b"<html></html>", bytes(range(256)), "\ud800<p>x"]
)
def test_odd_input_never_raises(data: bytes | str) -> None:
    assert isinstance(read_page(data), Page)


@pytest.mark.parametrize("lang", ["", "fr"])
@pytest.mark.parametrize("words", ["Le café coûte 4 € à Orléans.", "Für süße Äpfel", "niño – señor"])
def test_a_page_that_states_utf_8_and_is_not_is_read_as_what_it_is(words: str, lang: str) -> None:
    html = f"<html lang='{lang}'><meta charset=utf-8><p>{words}</p>"
    assert read_page(html.encode("cp1252")).text == words


@pytest.mark.parametrize(
    ("lang", "encoding", "words"),
    [
        ("pl", "cp1250", "Na północnym przylądku, żółte łódki"),
        ("tr", "cp1254", "Kuzey burnundaki eski fener yıllık"),
        ("lt", "cp1257", "Senasis švyturys šiauriniame kyšulyje"),
        ("he", "cp1255", "המגדלור הישן בכף הצפוני"),
        ("ja", "euc_jp", "北の岬の古い灯台は、春に修理されました"),
        ("", "iso2022_jp", "北の岬の古い灯台は"),
        ("", "cp874", "ประภาคารเก่าบนแหลมทางเหนือได้รับการซ่อมแซม"),
        ("", "utf-16-le", "北の岬の古い灯台は"),
        ("", "utf-16-be", "Старый маяк на мысу"),
    ],
)
def test_an_undeclared_encoding_is_told_by_language_script_or_zeros(lang: str, encoding: str, words: str) -> None:
    assert read_page(f"<html lang='{lang}'><body><p>{words}</p></body></html>".encode(encoding)).text == words


def test_undecodable_bytes_become_replacement_characters() -> None:
    assert read_page(b"<meta charset=utf-8><p>a\xffb</p>").text == "a\ufffdb"


@pytest.mark.parametrize("tag", ["div", "span", "b"])
def test_a_page_100000_levels_deep_keeps_its_text(tag: str) -> None:
    html = f"<{tag}>" * 100_000 + "deep" + f"</{tag}>" * 100_000 + "<p>after</p>"
    assert read_page(html).text.split() == ["deep", "after"]


def test_text_behind_the_end_of_the_body_is_kept() -> None:
    assert read_page("<body><p>in</p></body>tail<p>after</p></html><p>more</p>").text.split() == [
        "in",
        "tail",
        "after",
        "more",
    ]
    twice = "<html><head><title>t</title></head><body><p>one</p></body></html>"
    assert read_page(twice + twice.replace("one", "two")).text.split() == ["one", "two"]


def test_a_pre_is_one_block_whatever_is_inside() -> None:
    assert blocks("<pre><div>a</div><div>  b</div></pre>") == [("pre", "a\n  b")]
    assert blocks("<pre><span>  </span>if x:\n      y</pre>") == [("pre", "  if x:\n      y")]


def test_custom_elements_do_not_join_words() -> None:
    assert blocks("<p><my-card>One</my-card><my-card>Two</my-card></p>") == [("p", "One Two")]


def test_spans_of_cells_are_numbers_or_nothing() -> None:
    page = read_page('<table><tr><th colspan="2">a<th colspan="²">b</tr><tr><td>1<td>2<td rowspan=99999>3</tr></table>')
    assert page.blocks[0].inner == '<th colspan="2">a</th><th>b</th>'
    assert page.blocks[1].inner == "<td>1</td><td>2</td><td>3</td>"


def test_control_characters_written_as_entities_do_not_survive() -> None:
    page = read_page("<title>a&#27;b</title><p>x&#27;[31m&#1;y</p>")
    assert (page.title, page.text) == ("a b", "x [31m y")


@pytest.mark.parametrize("charset", ["hex", "base64", "rot13", "zlib", "idna", "undefined", "no-such", "utf-16"])
def test_a_declared_charset_that_cannot_be_is_passed_over(charset: str) -> None:
    assert read_page(f"<meta charset={charset}><p>naïve</p>".encode()).text == "naïve"


def test_detection_looks_where_the_page_is_not_ascii() -> None:
    plain = b"<p>" + b"plain words here " * 5000 + b"</p>"
    assert read_page(plain + "<p>café crème, déjà vu à la carte</p>".encode("cp1252")).text.endswith(
        "déjà vu à la carte"
    )
    assert read_page(plain + "<p>café crème ".encode() * 20 + b"\xff</p>").text.endswith("café crème \ufffd")


def test_scripts_stay_out_of_a_page_that_is_read_flat() -> None:
    deep = "<div>" * 999 + '<script>w("<div>")</script><a title="a > b">A</a>' + "<div>" * 2000
    assert read_page(deep + '<style>p{}</style><script>var x="<p>";</script><!-- <p> --><p>t</p>').text.split() == [
        "A",
        "t",
    ]


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 2100 + "<a" * 20_000,
        "<div>" * 2100 + "<!--" * 20_000,
        "<div>" * 2100 + "<a x='" * 20_000,
        "<div>" * 990 + "<p>x</p>" * 20_000,
        "<b>" * 900 + "<div>x</div>" * 3_000,
        "<table><tr><td>" * 300 + "x",
        "<p>" + "<br>" * 100_000 + "x",
        "<ul><li>" * 1_500 + "x",
        "<code>" * 900 + "<br>x",
        "<span class=katex>" * 900 + "<math><mi>x</mi></math>",
        "<div class=mathjax>" + "<p>so <math><mi>x</mi></math></p>" * 300 + "y" * 30_000,
    ],
    ids=range(11),
)
def test_hostile_pages_are_read_in_bounded_time_and_space(html: str) -> None:
    """Each of these took minutes or gigabytes while something was quadratic."""
    page = read_page(html)
    assert sum(len(block.inner) + len(block.path) for block in page.blocks) < 50 * len(html)


def test_blocks_are_numbered_from_one() -> None:
    assert [block.index for block in golden_page("news").blocks] == list(range(1, 24))


@pytest.mark.parametrize(
    "html",
    [
        "<title>T</title><nav>Home</nav><main><h1>Head</h1><p>Text</p></main>tail",
        "<!doctype html><html><head><title>T</title></head><nav>Home</nav><h1>Head</h1><p>Text</p>tail</html>",
        "<meta charset=utf-8><title>T</title><script>x</script><nav>Home</nav><h1>Head</h1><p>Text</p>tail",
    ],
)
def test_a_page_without_a_body_tag_loses_nothing(html: str) -> None:
    """HTML allows it; libxml2 leaves the first elements that it does not know in the head."""
    page = read_page(html)
    assert [block.text for block in page.blocks] == ["Home", "Head", "Text", "tail"]
    assert page.title == "T"


def test_a_meta_is_not_believed_where_the_bytes_are_utf_8() -> None:
    """A page that was saved as UTF-8 often keeps the charset that it had before; a header is about these bytes."""
    html = "<meta charset=iso-8859-1><p>très élégante</p>"
    for charset in ("utf-8", "iso-8859-1"):
        assert read_page(html.encode(charset)).blocks[0].text == "très élégante"
    assert decode("<p>Ã©</p>".encode("latin-1"), "text/html; charset=iso-8859-1") == "<p>Ã©</p>"
