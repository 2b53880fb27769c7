"""Pages that mean harm: work and output grow with the page, and what is cut says so.

Growth is measured by counting the calls of Python functions, which does not depend on the machine, and by sizes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from markdown_it import MarkdownIt

from heads.queries.answers import whole_answer
from indexlm import Extractor, read_page
from indexlm.html import guard
from indexlm.html.frame import Frame
from indexlm.html.media import image_source
from indexlm.html.metadata.describe import describe
from indexlm.html.parse import parse
from indexlm.inputs.read import read_document
from indexlm.limits import Limits, cut_tags

TREES = Extractor("trees", threads=1)
PROSE = "This is a sentence of an article that a reader would want to keep for a later day, and it goes on. "


def calls(work: Callable[[], Any]) -> int:
    """How many calls, of Python and of C functions, some work makes."""
    count = 0

    def profile(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def measured(html: str | bytes) -> tuple[int, int]:
    """The calls that a page takes, and the characters of its Markdown."""
    sizes = []

    def work() -> None:
        extraction = TREES.extract(html)
        sizes.append(len(extraction.render("markdown", title=True)))
        describe(extraction.source)

    return calls(work), sizes[0]


GROWING: dict[str, Callable[[int], str]] = {
    "a link that is never closed": lambda n: "<a href='" + "a" * 20 * n + "'>" + f"<p>{PROSE}" * n,
    "inline elements never closed": lambda n: "<b><i><code>" * n + f"<p>{PROSE}" * n,
    "a long base": lambda n: f"<base href='https://e.example/{'a' * 20 * n}/'>" + "<p>some words <a href=x>y" * n,
    "a long canonical": lambda n: (
        f"<link rel=canonical href='https://e.example/{'a' * 20 * n}/'>" + "<a href=x>y</a> " * n
    ),
    "a long class": lambda n: f"<div class='{'ab ' * 20 * n}'>" + "<pre>x</pre>" * n,
    "a long style": lambda n: f"<div style='{'a:b;' * 20 * n}'>" + "<p style='color:white'>x" * n,
    "many attributes": lambda n: "<p " + " ".join(f"a{i}=1" for i in range(20 * n)) + ">words that stay</p>",
    "nested elements": lambda n: "<div>word " * 5 * n,
    "nested spans": lambda n: "<span>word " * 5 * n,
    "nested terms": lambda n: "<dl>" + "<dt>word" * n,
    "terms without meanings": lambda n: "<h1>x</h1><dl>" + "<dt>word</dt>" * 5 * n + "<dd>x</dl>",
    "nested quotations": lambda n: "<blockquote>word " * 5 * n,
    "nested powers": lambda n: "<p>x" + "<sup>2" * 3 * n,
    "nested properties": lambda n: "<div itemprop=a>w" * n,
    "deep, then paragraphs": lambda n: "<div>" * 1900 + "<p>x</p>" * 5 * n,
    "wide spans": lambda n: "<table>" + "<tr><td colspan=999>x</td><td>y</td></tr>" * n + "</table>",
    "tall spans": lambda n: "<table>" + "<tr><td rowspan=999>x</td><td rowspan=999>y</td></tr>" * n + "</table>",
    "breaks": lambda n: "<p>some words" + "<br>" * 20 * n,
    "breaks in a row": lambda n: "<table><tr><td>a<td>b" + "<br>" * 20 * n + "<tr><td>a<td>b</table>",
    "images": lambda n: "<div><img src=a></div>" * 5 * n + "<p>some words that stay",
    "h1 and a long title": lambda n: f"<title>{'word ' * 20 * n}</title>" + "<h1>other</h1><p>" * n,
    "links in a heading": lambda n: "<h1>" + "<a href=#x>word</a> " * n + "</h1>",
    "marks of notes in a link": lambda n: "<p><a href=#x>" + "<sup>1</sup>" * n,
    "code with breaks": lambda n: "<div>" + "<code>a<br>b</code>" * n,
    "codes behind a gutter": lambda n: f"<div>{' '.join(map(str, range(1, n)))}</div><div>" + "<pre>x</pre>" * n,
    "films before code": lambda n: (
        "<p>x" + "<h2>a</h2><iframe src='https://youtube.com/embed/a'></iframe><pre>x</pre>" * n
    ),
    "sources of a picture": lambda n: "<picture>" + "<source srcset=a>" * n + "<img>" * n + "</picture><p>w",
    "slots": lambda n: (
        "<div><template shadowrootmode=open>"
        + "".join(f"<slot name=s{i}></slot>" for i in range(n))
        + "</template>"
        + "<p>x</p>" * n
        + "</div>"
    ),
    "several roots": lambda n: "<div>" + "<template shadowrootmode=open><slot></slot></template>x" * n + "</div>",
    "signs of emphasis": lambda n: "<p>" + "*_a" * 10 * n + "<b>x</b>",
    "formulas in rows": lambda n: "<table>" + "<tr><td><span class='math'>\\(|x|\\)</span><td>b" * n + "</table>",
    "a source view": lambda n: '<td class=line-content><p class="html-' + "<td class=line-content>" * 10 * n,
    "assignments": lambda n: "<script>" + "window.a={" * 20 * n + "</script><p>text",
    "comments": lambda n: "<!--" * 20 * n + "<p>text",
    "an open tag": lambda n: "<p>text" + "<a <" * 20 * n,
}


@pytest.mark.parametrize(
    ("part", "query"),
    [("<h3>What is it?</h3><p>A gull.</p>", "What is it?"), ("<h2>Prices</h2><p>Nine.</p>", "How much does it cost?")],
)
def test_the_work_for_a_query_grows_with_the_page(part: str, query: str) -> None:
    small, large = (read_page(f"<h1>Gulls</h1>{part * n}", query=query) for n in (100, 400))
    whole_answer(small, ())  # compiles what it needs
    assert calls(lambda: whole_answer(large, ())) < 5.6 * calls(lambda: whole_answer(small, ()))


@pytest.mark.parametrize("name", GROWING)
def test_work_and_output_grow_with_the_page(name: str) -> None:
    make = GROWING[name]
    small, large = measured(make(100)), measured(make(400))
    growth = 10 if name.startswith("nested") else 5.6  # four times the page; below a depth, more
    assert large[0] < growth * small[0] + 10 * len(make(400)) + 20_000
    assert large[1] < 4 * 1.4 * small[1] + 20_000
    assert large[1] < 12 * len(make(400)) + 1000


# Regular expressions make no calls: what is quadratic in them takes minutes here, and else a fraction of a second.
STRAIGHT = {
    "JSON-LD without a value": "<script type='application/ld+json'>\"@type\":" + " " * 200_000 + "</script><p>text",
    "JSON-LD with an open author": "<script type='application/ld+json'>{\"a\""
    + ',"author":{' * 40_000
    + "</script><p>text",
    "signs of code in a text": ("(=" * 100_000 + "\n") * 2,
    "a source set of spaces": f"<p>text<img srcset='{' ' * 200_000}'>",
    "a source set of one word": f"<p>text<img srcset='{'a' * 200_000} b'>",
    "an XHTML script of spaces": '<?xml version="1.0"?><html xmlns="a">' + "<script " + " " * 200_000 + "<p>text",
    "CDATA without an end": '<?xml version="1.0"?><rss>' + "<![CDATA[" * 30_000,
    "bodies of a frameset": "<frameset>" + "<body " * 30_000,
    "comments of TeX": "<p>text <script type='math/tex'>" + "%" * 200_000 + "</script>",
    "one tag of a megabyte": "<p>text" + "<a x='" * 200_000,
    "lines of a field without text": f"<p>text<textarea readonly>a{chr(10) * 200_000}b</textarea>",
    "images in one link": f"<p>text<a href=x>{'<img src=a><img src=b>' * 10_000}",
    "stanzas in stanzas": "<p>text"
    + "<div class=line-block><div class=line>x</div>" * 190
    + "<div class=line>y</div>" * 20_000,
    "authors of one element": "<h1>text</h1>" + f"<p class='{'author ' * 1100}'>Ada Roe</p>" * 800,
    "data in data": "<h1>text</h1>" + "<div class=info>" * 190 + "<b>x</b> " * 50_000,
}


@pytest.mark.parametrize("name", STRAIGHT)
def test_no_expression_goes_back_over_a_long_page(name: str) -> None:
    TREES.extract(STRAIGHT[name]).metadata  # noqa: B018


@pytest.mark.parametrize(
    "unit",
    [
        "<div></i></i>w ",
        "<div></i><b></div>w ",
        "<i><div></i>w ",
        "<p><table></p>w ",
        "<ul><li><ul></li>w ",
        "<dl><dt>w ",
    ],
)
def test_no_text_is_lost_however_wrong_depth_is_counted(unit: str) -> None:
    page = read_page("<body>" + "".join(unit.replace("w", f"w{i}") for i in range(2100)) + "<p>the last words</p>")
    assert {f"w{i}" for i in range(2100)} <= {*page.text.split()}
    assert page.blocks[-1].text.endswith("the last words")


def test_tags_of_raw_text_are_no_depth() -> None:
    html = "<body>" + "".join(f"<div><script>var a = '</div>'</script>w{i} " for i in range(300))
    assert read_page(html).text.split() == [f"w{i}" for i in range(300)]


def test_what_is_cut_of_a_tag_leaves_its_text_and_its_lines() -> None:
    attributes = "\n".join(f"a{i}='{i} > {i}'" for i in range(5000))
    html = f"<p class='one {'x ' * 9000}' {attributes}>words that stay</p>\n<p>next"
    page = read_page(html)
    assert [block.text for block in page.blocks] == ["words that stay", "next"]
    assert page.blocks[1].line == html.count("\n") + 1
    assert page.blocks[0].path[-1] == "p.one"
    script = "<script>" + "if (a <b && c) { d } " * 5000 + "</script>"
    assert guard.trim_tags(script) == script


@pytest.mark.parametrize("value", ['"a > b"', "'<b>'", '"<p class=x>"'])
def test_a_tag_of_thousands_of_attributes_is_cut_whatever_stands_in_their_values(value: str) -> None:
    html = "<p>first<div " + " ".join(f"a{i}={value}" for i in range(12_000)) + ">words that stay</div>"
    assert len(guard.trim_tags(html)) < len(html) / 5
    assert [block.text for block in read_page(html).blocks] == ["first", "words that stay"]


def test_a_page_with_too_many_blocks_is_cut_and_says_so() -> None:
    html = "".join(f"<p>paragraph {i}</p>" for i in range(50))
    extraction = Extractor("trees", max_blocks=20).extract(html)
    assert [block.text for block in extraction.page.blocks][-1] == "paragraph 19"
    assert any("limit: a page is read to its block 20" in warning for warning in extraction.warnings)
    assert not Extractor("trees", max_blocks=50).extract(html).warnings


def test_an_element_is_located_however_deep_it_stands() -> None:
    frame = Frame(None, "body", 1, "", None, (), None)
    for node in range(2, 3000):
        frame = Frame(None, "div", node, "", frame, (), None)
    frame.locate()
    assert (len(frame.path), frame.nodes[-1]) == (100, 2999)


def test_a_page_with_too_many_tags_is_cut_and_says_so() -> None:
    extraction = Extractor("trees", max_blocks=1).extract("<p>some words" + "<b></b>" * 50 + "<p>more")
    assert any("limit: a page is read to its tag" in warning for warning in extraction.warnings)
    assert cut_tags("<a><b><c>", 2) == "<a><b>"
    assert cut_tags("text", 0) == "text"


def test_a_page_that_is_read_too_long_is_cut_and_says_so() -> None:
    html = "<p>word " * 3000
    extraction = Extractor("trees", max_seconds=1e-6).extract(html)
    assert 0 < len(extraction.page.blocks) < 3000
    assert any("limit: the time was over" in warning for warning in extraction.warnings)
    assert not Limits().is_late


def test_a_page_of_too_many_bytes_is_refused_packed_or_not() -> None:
    import gzip

    from indexlm import IndexLMError

    for page in (b"<p>" + b"word " * 1000, gzip.compress(b"<p>" + b"word " * 1000)):
        with pytest.raises(IndexLMError, match="at most 1000 bytes"):
            Extractor("trees", max_bytes=1000).extract(page)


OTHER_CODECS = """
unicode_escape raw_unicode_escape punycode idna hex base64 rot13 zlib bz2 utf-7 cp037 uu quopri mbcs undefined
string-escape iso2022_kr
"""


def test_only_encodings_of_the_web_are_believed() -> None:
    page = rb"<p>path C:\x41 and +AGE- more words here to read</p>"
    for codec in OTHER_CODECS.split():
        assert read_page(f"<meta charset={codec}>".encode() + page).text == page[3:-4].decode()
        assert read_document(page, content_type=f"text/html; charset={codec}").html == page.decode()


def test_a_declared_encoding_of_the_web_is_still_believed() -> None:
    for codec in ("windows-1251", "koi8-r", "shift_jis", "euc-kr", "gb2312", "big5", "iso-8859-7", "macintosh"):
        sample = {"shift_jis": "日本語", "euc-kr": "한국어", "gb2312": "中文", "big5": "中文", "iso-8859-7": "λέξη"}
        word = sample.get(codec, "слово" if codec != "macintosh" else "été")
        assert (
            read_page(f"<meta charset={codec}><p>{word}".encode(codec if codec != "macintosh" else "mac-roman")).text
            == word
        )


FENCES = [
    "<p>```html</p><p>&lt;img src=x&gt;</p><p>more</p>",
    "<p>a<br>~~~<br>&lt;img src=x&gt;</p>",
    "<p><small>```x</small></p><p>more</p>",
    "<p><del><del>x</del></del></p><p>&lt;img src=x&gt;</p>",
    "<p><s>~x</s></p><p>&lt;img src=x&gt;</p>",
    "<pre data-lang='a`b'>code\n&lt;img src=x onerror=alert(1)&gt;</pre>",
    "<pre><code class='language-a`b'>```\n&lt;img src=x&gt;\n```</code></pre>",
    "<pre class='lang-x\ny'>~~~\n````\n&lt;script&gt;</pre>",
    "<pre lang='html&gt;&lt;img&gt;'>```\n\n&lt;img src=x&gt;</pre>",
    "<pre>```\n&lt;b&gt;\n````\n&lt;img&gt;\n`````</pre>",
    "<p>`</p><p>&lt;img src=x&gt; ` &lt;b&gt;</p>",
    "<p>\\`&lt;img src=x&gt;\\`</p>",
    "<ul><li><pre>```\n&lt;img src=x&gt;</pre></ul>",
    "<blockquote><pre>```\n&lt;img src=x&gt;</pre></blockquote>",
    "<table><tr><td>a<td>`&lt;img src=x&gt;<tr><td>`<td>b</table>",
    "<p>&lt;!-- </p><p>&lt;img src=x&gt;</p>",
    "<p>&amp;lt;img src=x&amp;gt;</p>",
    "<p><code>``&lt;img src=x&gt;`</code> and &lt;b&gt; `</p>",
    "<h2>a ` b</h2><p>&lt;img src=x&gt; `</p>",
    "<p><a href='x`y'>&lt;img src=x&gt;</a> `</p>",
    "<p><a href='&lt;img src=x&gt;'>link</a></p>",
    "<p>[x](&lt;javascript:alert(1)&gt;)</p>",
    "<p>a<br>&lt;img src=x&gt;</p>",
    "<p>[a]: &lt;img src=x&gt;</p>",
]


@pytest.mark.parametrize("html", FENCES)
def test_text_never_becomes_markup_in_markdown(html: str) -> None:
    page = read_page(f"<body><p>{PROSE}</p>{html}<p>{PROSE}</p>")
    from indexlm.assemble import to_markdown

    tokens = (
        MarkdownIt("commonmark")
        .enable(["table", "strikethrough"])
        .parse(to_markdown(page, range(1, len(page.blocks) + 1)))
    )
    inner = [child for token in tokens for child in (token, *(token.children or ()))]
    assert "<pre" in html or not [token for token in inner if token.type == "fence"]
    assert not [token.content for token in inner if token.type in ("html_block", "html_inline", "image")]
    assert not [token for token in inner if token.type == "link_open" and "javascript" in str(token.attrs)]


def test_emphasis_beside_emphasis_that_is_dropped_is_written() -> None:
    page = read_page("<p>one<b></b><b><b>two</b></b><b>three</b>")
    from indexlm.assemble import to_markdown

    assert to_markdown(page, [1]).replace("*", "") == "onetwothree"


def test_terms_in_an_ordered_list_are_written() -> None:
    page = read_page("<ol><dt><dt>one<dd>two<li>three</ol>")
    from indexlm.assemble import to_markdown

    assert to_markdown(page, range(1, len(page.blocks) + 1)).count("three") == 1


def test_an_image_with_a_broken_source_set_is_no_error() -> None:
    for candidates in ("a .x", "a ..w, b 2x", "a 1.1.1x", ", ,", "a 9999999999999999w", "a 1e5w,b 2x"):
        image = parse(f'<img srcset="{candidates}">').find(".//img")
        image_source(image)
    assert image_source(parse('<img srcset="a.jpg 1x, b.jpg?x=1,2 2x">').find(".//img")) == "b.jpg?x=1,2"
