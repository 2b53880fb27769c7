"""Inputs of every kind: what is read as what, what is refused by name, and how a page may be given."""

from __future__ import annotations

import gzip
import io
import json
import plistlib
import zlib
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest

from indexlm import Extractor, IndexLMError, Page, extract, load, read_page
from indexlm.assemble import to_markdown

TRAM = "The tram to the harbour runs every ten minutes until midnight, and twice an hour after that on Fridays."
TOLL = "Until the bridge opened, carts crossed by a chain ferry that took twenty minutes in calm weather."
FEED = f"""<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Tram &amp; bus</title>
<link>https://t.example/</link><item><title>Night trams</title><link>https://t.example/1</link>
<description>&lt;p&gt;{TRAM[:40]}&lt;/p&gt;</description>
<content:encoded><![CDATA[<p>{TRAM}<div>Open]]></content:encoded></item>
<item><title>Bridge</title><description>{TOLL} A & B&nbsp;C</description></item></channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>Tram</title><entry>
<title type="html">A &lt;i&gt;tram&lt;/i&gt;</title>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{TRAM}</p></div></content></entry></feed>"""
MHTML = (
    "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://m.example/page\r\nSubject: Tram\r\n"
    "MIME-Version: 1.0\r\n"
    'Content-Type: multipart/related; type="text/html"; boundary="--b--"\r\n\r\n----b--\r\n'
    "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    f'<meta charset=3D"utf-8"><title>Tram</title><p>{TRAM[:30]}=\r\n{TRAM[30:]} caf=C3=A9</p>\r\n'
    "----b--\r\nContent-Type: text/css\r\n\r\np{}\r\n----b----\r\n"
)
MAIL = (
    "Received: from a by b\nFrom: =?utf-8?q?J=C3=BCrg?= <j@t.example>\nSubject: Trams\nMIME-Version: 1.0\n"
    'Content-Type: multipart/alternative; boundary="x"\n\n--x\nContent-Type: text/plain\n\nplain\n'
    "--x\nContent-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\n"
    f"<body><p>Größe. {TRAM}</p></body>\n--x--\n"
)


def texts(page: Page) -> list[str]:
    return [block.text for block in page.blocks]


def test_a_feed_is_read_item_by_item_without_raw_tags() -> None:
    page = read_page(FEED)
    assert texts(page) == ["Tram & bus", "Night trams", TRAM, "Open", "Bridge", f"{TOLL} A & B C"]
    assert (page.title, page.url, page.whole) == ("Tram & bus", "https://t.example/", True)
    assert texts(read_page(ATOM.encode())) == ["Tram", "A tram", TRAM]
    assert read_page(ATOM).lang == "fr"


@pytest.mark.parametrize("data", [MHTML, MHTML.encode(), gzip.compress(MHTML.encode())])
def test_mhtml_is_the_page_inside_with_its_address(data: bytes | str) -> None:
    page = read_page(data)
    assert (texts(page), page.title, page.url) == ([f"{TRAM} café"], "Tram", "https://m.example/page")
    assert page.warnings == ()


def test_mail_shows_its_html_part_below_subject_and_sender() -> None:
    page = read_page(MAIL.encode("latin-1"))
    assert texts(page) == ["Trams", "From: Jürg <j@t.example>", f"Größe. {TRAM}"]
    assert page.title == "Trams"
    with pytest.raises(IndexLMError, match="holds an HTML or a text part"):
        extract(b"MIME-Version: 1.0\nFrom: a@b.example\nContent-Type: image/png\n\nabc")


def test_all_texts_of_a_mail_are_shown() -> None:
    mail = MIMEMultipart("mixed")
    mail["From"] = "a@t.example"
    file = MIMEText("a,b", "csv")
    file.add_header("Content-Disposition", "attachment", filename="a.csv")
    for part in (
        MIMEText("One.", "plain"),
        file,
        MIMEText("Two.", "plain"),
        MIMEText("<body><p>Three.</p></body>", "html"),
    ):
        mail.attach(part)
    assert texts(read_page(mail.as_bytes())) == ["From: a@t.example", "One.", "Two.", "Three."]
    either = MIMEMultipart("alternative")
    either["From"] = "a@t.example"
    either.attach(MIMEText("One.", "plain"))
    either.attach(MIMEText("<html><body>&nbsp;</body></html>", "html"))
    assert texts(read_page(either.as_bytes())) == ["From: a@t.example", "One."]


def test_a_mail_with_the_line_ends_of_mails_is_known_by_its_sender() -> None:
    mail = (
        b"From: a@t.example\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nw7xiZXI=\n"
    )
    for data in (mail, mail.replace(b"\n", b"\r\n")):
        assert texts(read_page(data)) == ["From: a@t.example", "über"]


def test_a_footnote_of_one_word_in_markdown_is_text_and_keeps_its_line() -> None:
    page = read_page(b"# A\n\nText[^1] and [link][l].\n\n[^1]: note\n[l]: http://t.example\n\nEnd.\n")
    assert [(block.text, block.line) for block in page.blocks] == [
        ("A", 1),
        ("Text[^1] and link.", 3),
        ("[^1]: note", 5),
        ("End.", 8),
    ]


def test_a_mail_quotes_flows_and_forwards() -> None:
    mail = (
        b"From: a@b.org\nSubject: Boat\nMIME-Version: 1.0\nContent-Type: text/plain; format=flowed\n\n"
        b"The boat leaves \nat nine.\n\n> When does \n> it leave?\n"
    )
    page = read_page(mail)
    assert [block.text for block in page.blocks[2:]] == ["The boat leaves at nine.", "When does it leave?"]
    assert "blockquote" in page.blocks[3].path
    forward = (
        b"From: a@b.org\nSubject: Fwd\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
        b"--x\nContent-Type: text/plain\n\nSee attached.\n--x\nContent-Type: message/rfc822\n\n"
        b"From: c@d.org\nSubject: Boat\nContent-Type: text/html\n\n<p>It leaves at nine.</p>\n--x--\n"
    )
    texts = [block.text for block in read_page(forward).blocks]
    assert texts == ["Fwd", "From: a@b.org", "See attached.", "Boat", "From: c@d.org", "It leaves at nine."]
    alone = forward.replace(b"Content-Type: text/plain\n\nSee attached.\n", b"Content-Type: image/png\n\n\n")
    assert "It leaves at nine." in read_page(alone).text


def test_a_web_archive_of_safari_is_its_main_page() -> None:
    main = {"WebResourceData": f"<p>{TRAM} é</p>".encode(), "WebResourceURL": "https://s.example/"}
    data = plistlib.dumps({"WebMainResource": main}, fmt=plistlib.FMT_BINARY)
    assert texts(read_page(data)) == [f"{TRAM} é"]
    with pytest.raises(IndexLMError, match="Safari web archive"):
        extract(plistlib.dumps({"a": 1}, fmt=plistlib.FMT_BINARY))


def test_a_saved_http_answer_is_its_body() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n"
    assert texts(read_page(head + b"<p>caf\xe9</p>")) == ["café"]


def test_a_saved_answer_that_is_deflated_is_unpacked() -> None:
    head, page = b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n", b"<p>Nine boats</p>"
    packed = zlib.compress(page)
    for body in (packed, packed[2:-4], page):
        assert read_page(head + body).text == "Nine boats"


def test_a_feed_may_write_its_cdata_as_text() -> None:
    feed = "<rss><channel><item><title>x</title><description>&lt;![CDATA[&lt;p&gt;One.&lt;/p&gt;Two]]&gt;</description>"
    assert texts(read_page(f"{feed}</item></channel></rss>")) == ["x", "One.", "Two"]


def test_an_article_of_a_journal_needs_no_declaration() -> None:
    front = "<front><article-meta><title-group><article-title>Boats</article-title></title-group></article-meta>"
    article = (
        f"<article xmlns:xlink='x'>{front}<body><sec><title>Methods</title><p>We rowed.</p></sec></body></article>"
    )
    assert texts(read_page(article)) == ["Boats", "Methods", "We rowed."]


def test_xhtml_keeps_cdata_and_empty_elements_and_drops_prefixes() -> None:
    head = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="a"/></head>'
    assert texts(read_page(f"{head}<body><p><![CDATA[1 < 2 & 3]]></p><textarea/><p>after</p></body></html>")) == [
        "1 < 2 & 3",
        "after",
    ]
    prefixed = '<x:html xmlns:x="http://www.w3.org/1999/xhtml"><x:body><x:p>one</x:p><x:p>two</x:p></x:body></x:html>'
    assert texts(read_page(f'<?xml version="1.0"?>{prefixed}')) == ["one", "two"]


def test_sitemaps_outlines_and_other_xml_are_read_by_their_elements() -> None:
    first = "<url><loc>https://t.example/1</loc><lastmod>2024-05-01</lastmod></url>"
    sitemap = f"<urlset>{first}<url><loc>https://t.example/2</loc></url></urlset>"
    assert texts(read_page(sitemap)) == ["https://t.example/1 | 2024-05-01", "https://t.example/2"]
    news = "<news><publication><name>Log</name></publication><title>Trams stop</title></news>"
    assert texts(read_page(sitemap.replace("<lastmod>", f"{news}<lastmod>")))[0].endswith(
        "/1 | Trams stop | 2024-05-01"
    )
    assert texts(read_page('<opml><body><outline text="Trams" xmlUrl="https://t.example/f"/></body></opml>')) == [
        "Trams"
    ]
    book = f'<?xml version="1.0"?><book><title>Trams</title><para>{TRAM} <em>Now</em></para><para>{TOLL}</para></book>'
    assert texts(read_page(book)) == ["Trams", f"{TRAM} Now", TOLL]


JATS = """<article article-type="research-article"><front><journal-meta><journal-id>JT</journal-id></journal-meta>
<article-meta><title-group><article-title>Trams</article-title></title-group><contrib-group><contrib><name>
<surname>Roe</surname><given-names>Ada</given-names></name></contrib></contrib-group><abstract><p>Short.</p></abstract>
</article-meta></front><body><sec><title>Tolls</title><p>Two <italic>coins</italic>.</p><sec><title>Now</title>
<list list-type="bullet"><list-item><p>Bell</p></list-item></list><table-wrap><table><tr><td>a</td><td>1</td></tr>
<tr><td>b</td><td>2</td></tr></table></table-wrap></sec></sec></body><back><ref-list><title>Sources</title><ref><label>1</label>
<mixed-citation>Bo. Trams.</mixed-citation></ref></ref-list></back></article>"""
TEI = """<?xml version="1.0"?><TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt><title>Trams</title>
</titleStmt></fileDesc></teiHeader><text><body><div><head>Song</head><lg><l>They ring,</l><l>they go.</l></lg><p>A
<hi rend="bold">bell</hi>.</p></div></body></text></TEI>"""
DOCBOOK = """<?xml version="1.0"?><book xmlns="http://docbook.org/ns/docbook"><info><title>Trams</title></info><chapter>
<title>Bells</title><para>Call <literal>ring()</literal>.</para><programlisting language="python">ring()
go()</programlisting><variablelist><varlistentry><term>bell</term><listitem><para>It rings.</para></listitem>
</varlistentry></variablelist></chapter></book>"""


@pytest.mark.parametrize(
    ("xml", "blocks"),
    [
        (
            JATS,
            "h1 Trams/p Ada Roe/h2 Abstract/p Short./h2 Tolls/p Two coins./h3 Now/p Bell/tr a | 1/tr b | 2/h2 Sources"
            "/p 1 Bo. Trams.",
        ),
        (TEI, "h1 Trams/h2 Song/div They ring,\nthey go./p A bell."),
        (DOCBOOK, "h1 Trams/h2 Bells/p Call ring()./pre ring()\ngo()/dt bell/p It rings."),
    ],
)
def test_xml_of_articles_and_books_keeps_its_sections_lists_and_tables(xml: str, blocks: str) -> None:
    page = read_page(xml)
    assert (page.title, page.whole) == ("Trams", True)
    assert "/".join(f"{block.tag} {block.text}" for block in page.blocks) == blocks


FICTION = """<?xml version="1.0"?><FictionBook><description><title-info><book-title>Trams</book-title><author>
<first-name>Ada</first-name><last-name>Roe</last-name></author></title-info></description><body><section><title>
<p>Bells</p></title><poem><stanza><v>They ring,</v><v>they go.</v></stanza></poem>
<p>A <emphasis>bell</emphasis>.</p></section>
</body><binary id="a">/9j/4AAQ</binary></FictionBook>"""
DITA = """<?xml version="1.0"?><task id="t"><title>Trams</title><prolog>x</prolog><taskbody><context>Wait.
</context><steps><step><cmd>Pull <uicontrol>Bell</uicontrol>.</cmd></step></steps>
<codeblock outputclass="language-sh">ring
  go</codeblock></taskbody></task>"""
RFC = """<?xml version="1.0"?><rfc version="3"><front><title>Trams</title><author fullname="Ada Roe"/>
<date year="2025"/></front><middle>
<section><name>Bells</name><t>They <bcp14>MUST</bcp14> ring <xref target="R1"/>.</t><ul><li>all</li></ul>
</section><section title="Old"><t>It is.</t></section></middle><back><references>
<name>Sources</name><reference anchor="R1">
<front><title>On bells</title><author fullname="Ada Roe"/></front></reference></references></back></rfc>"""
PUBMED = """<?xml version="1.0"?><PubmedArticleSet><PubmedArticle><PMID>1</PMID><Article><Journal><Title>Rails</Title>
<Volume>2</Volume></Journal><ArticleTitle>Trams</ArticleTitle><AuthorList><Author><LastName>Roe</LastName><ForeName>Ada
</ForeName></Author></AuthorList>
<AbstractText Label="AIM">To ring.</AbstractText></Article></PubmedArticle></PubmedArticleSet>"""


@pytest.mark.parametrize(
    ("xml", "blocks"),
    [
        (FICTION, "h1 Trams/h2 Bells/p They ring,\nthey go./p A bell."),
        (DITA, "h1 Trams/div Wait./p Pull Bell./pre ring\n  go"),
        (RFC, "h1 Trams/h2 Bells/p They MUST ring [R1]./li all/h2 Old/p It is./h2 Sources/p [R1] On bells"),
        (PUBMED, "h1 Trams/p Ada Roe/p Rails, 2/p AIM To ring."),
    ],
    ids=["FictionBook", "DITA", "RFC", "PubMed"],
)
def test_xml_of_other_texts_keeps_its_sections_lists_and_code(xml: str, blocks: str) -> None:
    page = read_page(xml)
    assert (page.title, page.whole) == ("Trams", True)
    assert "/".join(f"{block.tag} {block.text}" for block in page.blocks) == blocks
    author = extract(xml, head="trees").metadata.author
    assert (author.value if author else "") == ("" if xml == DITA else "Ada Roe")


@pytest.mark.parametrize(
    ("root", "text", "blocks"),
    [
        (
            "article",
            "It</p><history>Begun in 1931.</history><issue>No. 3</issue><p>rang.",
            "p It/div Begun in 1931./div No. 3/p rang.",
        ),
        ("TEI", "I read <title>Trams</title> by <ref target='b'>Roe</ref> twice.", "p I read Trams by Roe twice."),
        ("TEI", "It rang<note>Once.</note> there.", "p It rang there./p Once."),
        ("article", "It rang<fn><p>Once.</p></fn> there.", "p It rang there./p Once."),
        (
            "article",
            "<alternatives><tex-math>y</tex-math><math><mi>y</mi></math></alternatives> rings.",
            "p $y$ rings.",
        ),
        (
            "article",
            "Two</p><sec><label>1.</label><title>Tolls</title></sec><p><element-citation><source>Bell</source>"
            "<year>2020</year></element-citation>",
            "p Two/h3 1. Tolls/p Bell 2020",
        ),
        (
            "article",
            "Two</p><procedure><title>Ring</title><step><p>Pull.</p></step></procedure><p>Go.",
            "p Two/p Ring/p Pull./p Go.",
        ),
    ],
)
def test_a_sentence_of_an_article_is_one_text(root: str, text: str, blocks: str) -> None:
    page = read_page(f"<?xml version='1.0'?><{root}><body><section><p>{text}</p></section></body></{root}>")
    assert "/".join(f"{block.tag} {block.text}" for block in page.blocks) == blocks


def test_xml_without_a_declaration_is_known_by_its_root() -> None:
    catalog = "<catalog><book><title>Sea</title><price>12</price></book></catalog>"
    assert [block.text for block in read_page(catalog).blocks] == ["Sea", "12"]
    assert read_page("<item>Two <![CDATA[plain <three> & four]]></item>").text == "Two plain <three> & four"
    assert read_page("<label>Size <b>M</b></label>").blocks[0].inner == "Size <b>M</b>"
    assert read_page("<ruby>漢<rt>かん</rt></ruby>").text == "漢(かん)"
    assert read_page("<math><msup><mi>x</mi><mn>2</mn></msup></math>").text == "$x^{2}$"
    assert read_page("<my-app><p>One<p>Two</my-app>").text == read_page("<foo>One</foo><p>Two").text == "One\nTwo"


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("2026-11-27 10:00:01 INFO start\n2026-11-27 10:00:02 WARN slow disk on the node", ["pre"]),
        (
            'Traceback (most recent call last):\n  File "x.py", line 3, in <module>\n    main()\nValueError: bad',
            ["pre"],
        ),
        ("def f(x):\n    result = [i for i in x]\n    return result", ["pre"]),
        ("name: app\nitems:\n  - b\nnested:\n  key: value", ["pre"]),
        ("v1.2\n----\n* Fixed a\n* Fixed b", ["h2", "li", "li"]),
        ("Roses are red,\nViolets are blue;\nSugar is sweet;", ["p"]),
        ("Shopping:\n  - milk\n  - bread: two", ["p", "li", "li"]),
        ("Name: Ann\nTown: Hull\nAge: 7", ["p"]),
    ],
)
def test_lines_of_code_data_and_logs_stay_lines(text: str, tags: list[str]) -> None:
    page = read_page(text.encode() + b"\n")
    assert [block.tag for block in page.blocks] == tags
    if tags == ["pre"]:
        assert page.text == text


def test_plain_text_keeps_paragraphs_lists_columns_and_source_lines() -> None:
    page = read_page(
        f"TRAMS\n=====\n\n{TRAM[:50]}\n{TRAM[50:]}\n\n2 < 3 and a<b\n\n- one\n- two\n  more\n\n"
        "Stop      Minutes\nQuay      4\n\nAnn Orr\n12 Quay\n"
    )
    assert [(block.line, block.tag, block.text) for block in page.blocks] == [
        (1, "h1", "TRAMS"),
        (4, "p", f"{TRAM[:50].strip()} {TRAM[50:].strip()}"),
        (7, "p", "2 < 3 and a<b"),
        (9, "li", "one"),
        (10, "li", "two more"),
        (13, "pre", "Stop      Minutes\nQuay      4"),
        (16, "p", "Ann Orr\n12 Quay"),
    ]
    assert texts(read_page(f"{TRAM * 2}\n{TOLL * 2}")) == [TRAM * 2, TOLL * 2]  # a paragraph a line


def test_markdown_is_rendered_and_keeps_source_lines() -> None:
    page = read_page(
        f"---\ntitle: Trams\n---\n# Head\n\n{TRAM} [x](y)\n\n- a\n  - b\n\n"
        "| s | m |\n|--|--|\n| Q | 4 |\n\n```py\nx < 1\n```\n"
    )
    assert page.title == "Trams"
    assert [(block.line, block.tag, block.text) for block in page.blocks] == [
        (4, "h1", "Head"),
        (6, "p", f"{TRAM} x"),
        (8, "li", "a"),
        (9, "li", "b"),
        (11, "th", "s | m"),
        (13, "tr", "Q | 4"),
        (15, "pre", "x < 1"),
    ]


def test_front_matter_says_who_wrote_a_text_and_when() -> None:
    text = "---\ntitle: Trams\nauthor: [Ada Roe]\ndate: 2026-05-03\nlastmod: 2026-05-04\n---\nThey ring.\n"
    metadata = extract(text, head="trees").metadata
    found = (metadata.title, metadata.author, metadata.published, metadata.modified)
    assert [value and value.value for value in found] == ["Trams", "Ada Roe", "2026-05-03", "2026-05-04"]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        (
            "Ring it so::\n\n    ring\n      go\n\n    stop\n\nThen wait.",
            "p Ring it so:/pre ring\n  go\n\nstop/p Then wait.",
        ),
        (".. code-block:: sh\n\n   ring\n\nThen wait.", "pre ring/p Then wait."),
        ("They live in std::\n\nThen wait.", "p They live in std::/p Then wait."),
    ],
)
def test_indented_lines_behind_two_colons_are_code(text: str, blocks: str) -> None:
    page = read_page(text.encode())
    assert "/".join(f"{block.tag} {block.text}" for block in page.blocks) == blocks
    first_lines = [text.split("\n")[block.line - 1].strip() for block in page.blocks]
    assert all(block.text.startswith(line.rstrip(":")) for block, line in zip(page.blocks, first_lines, strict=True))


def test_a_notebook_shows_what_its_code_wrote() -> None:
    def code(source: str, **output: object) -> dict[str, object]:
        return {"cell_type": "code", "source": [source], "outputs": [output] if output else []}

    table = {"text/html": "<table><tr><th>stop</th></tr><tr><td>Quay</td></tr></table>", "text/plain": "stop"}
    cells = [
        {"cell_type": "markdown", "source": "# Trams"},
        code("ring()", text=["\x1b[31mdone\x1b[0m\n"]),
        code("stops", data=table),
        code("draw()", data={"image/png": "iVBOR", "text/plain": "<Figure>"}),
    ]
    page = read_page(json.dumps({"nbformat": 4, "cells": cells}))
    assert texts(page) == ["Trams", "ring()", "done", "stops", "stop", "Quay", "draw()"]


def test_macros_of_confluence_are_what_they_show() -> None:
    def macro(name: str, inner: str) -> str:
        return f'<ac:structured-macro ac:name="{name}">{inner}</ac:structured-macro>'

    code = '<ac:parameter ac:name="language">java</ac:parameter>'
    code += "<ac:plain-text-body><![CDATA[if (a < b) {\n  c();]]></ac:plain-text-body>"
    page = read_page(
        "<p>See <ac:link><ri:page ri:content-title='Bells'/></ac:link> &amp; wait&hellip;</p>"
        + macro("code", code)
        + macro("warning", "<ac:rich-text-body><p>Mind it.</p></ac:rich-text-body>")
        + macro("toc", "")
        + macro("expand", "<ac:parameter ac:name='title'>Why?</ac:parameter><ac:rich-text-body>So.</ac:rich-text-body>")
        + "<ac:task-list><ac:task><ac:task-id>7</ac:task-id><ac:task-status>complete</ac:task-status>"
        "<ac:task-body>Oil it</ac:task-body></ac:task></ac:task-list>"
    )
    assert to_markdown(page, range(1, 20)) == (
        "See Bells & wait…\n\n```java\nif (a < b) {\n  c();\n```\n\n> **Warning**\n>\n> Mind it."
        "\n\nWhy?\n\nSo.\n\n- [x] Oil it"
    )


def test_json_names_its_fields_and_csv_is_a_table() -> None:
    data = {
        "title": "Tram",
        "body": f"<p>{TRAM}</p>",
        "stops": [{"stop": "Quay", "min": 4}, {"stop": "Hill", "min": None}],
    }
    assert texts(read_page(json.dumps(data))) == [
        "title: Tram",
        "body",
        TRAM,
        "stops",
        "stop | min",
        "Quay | 4",
        "Hill |",
    ]
    assert texts(read_page('{"a": 1, "b": 2}\n{"a": 3, "b": 4}\n')) == ["a | b", "1 | 2", "3 | 4"]
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [{"title": "T", "content_html": f"<p>{TRAM}</p>"}]}
    assert texts(read_page(json.dumps(feed))) == ["T", TRAM]
    for delimiter, name in ((",", "x.csv"), (";", "x.csv"), ("\t", "x.tsv")):
        rows = [["stop", "min"], [f'"a{delimiter}b"', "4"], ["Hill", "9"]]
        table = "\n".join(map(delimiter.join, rows))
        cell = f"a{delimiter}b".replace("\t", " ")
        assert texts(extract(_file(table, name)).page) == ["stop | min", f"{cell} | 4", "Hill | 9"]


def _node(kind: str, *content: object, **others: object) -> dict[str, object]:
    texts = [{"type": "text", "text": part} if isinstance(part, str) else part for part in content]
    return {"type": kind, "content": texts} | others


def test_documents_of_editors_are_read() -> None:
    nodes = [
        _node("heading", "Boats", attrs={"level": 3}),
        _node("paragraph", "Nine ", "boats"),
        _node("orderedList", _node("listItem", _node("paragraph", "a"))),
        _node("blockquote", _node("paragraph", "b", {"type": "hardBreak"}, "c")),
        _node("codeBlock", "x = 1"),
    ]
    page = read_page(json.dumps(_node("doc", *nodes)))
    assert to_markdown(page, range(1, 9)) == ("### Boats\n\nNine boats\n\n1. a\n\n> b  \n> c\n\n```\nx = 1\n```")
    portable = [{"_type": "block", "style": "h2", "children": [{"_type": "span", "text": "Boats"}]}]
    assert [(block.tag, block.text) for block in read_page(json.dumps(portable)).blocks] == [("h2", "Boats")]
    assert texts(read_page(json.dumps({"root": {"type": "root", "children": nodes}})))[:2] == ["Boats", "Nine boats"]


def test_an_entry_alone_is_a_feed_and_runs_of_word_are_a_paragraph() -> None:
    entry = "<entry xmlns='http://www.w3.org/2005/Atom'><title>x</title><content type='html'>&lt;p&gt;One.&lt;/p&gt;"
    assert texts(read_page(f"<?xml version='1.0'?>{entry}</content></entry>")) == ["x", "One."]
    runs = "<w:p><w:r><w:t>Nine </w:t></w:r><w:r><w:t>boats</w:t></w:r></w:p>"
    assert texts(read_page(f"<?xml version='1.0'?><w:document xmlns:w='w'><w:body>{runs}</w:body></w:document>")) == [
        "Nine boats"
    ]


def test_a_table_may_say_what_parts_its_fields() -> None:
    assert [block.text for block in read_page(_file("sep=;\na;b,c\n1;2,5\n", "a.csv")).blocks] == ["a | b,c", "1 | 2,5"]


def test_fields_in_quotes_make_a_table_of_two_columns() -> None:
    page = read_page(b'stop,note\r\n"Quay","old, but\r\n""dry"""\r\nHill,new\r\n')
    assert texts(page) == ["stop | note", 'Quay | old, but "dry"', "Hill | new"]
    assert texts(read_page(b'He said,\n"Come, all of you,"\nand left.')) != ["He said |"]


def _file(content: str, name: str) -> io.StringIO:
    file = io.StringIO(content)
    file.name = name  # type: ignore[misc]
    return file


def test_a_source_view_is_the_page_whose_source_it_shows() -> None:
    rows = "".join(
        f'<tr><td class="line-number" value="{n}"></td><td class="line-content">'
        f'<span class="html-tag">{line}</span></td></tr>'
        for n, line in enumerate(("&lt;h1&gt;Tram&lt;/h1&gt;", f"&lt;p&gt;{TRAM}&lt;/p&gt;"), 1)
    )
    page = read_page(f"<html><body><table><tbody>{rows}</tbody></table></body></html>")
    assert [(block.line, block.text) for block in page.blocks] == [(1, "Tram"), (2, TRAM)]
    firefox = f'<html><body id="viewsource"><pre id="line1">&lt;<span>p</span>&gt;{TRAM}&lt;/p&gt;</pre></body></html>'
    assert texts(read_page(firefox)) == [TRAM]


@pytest.mark.parametrize("head", ["trees", "classifier"])
def test_what_is_content_throughout_is_kept_whole(head: str) -> None:
    for data in (FEED, f"{TRAM}\n\nShort.\n\n{TOLL}", f"# A\n\n- [x](y)\n- [z](w)\n\n```\n{TRAM}\n```\n"):
        extraction = extract(data, head=head)
        assert extraction.indices == tuple(range(1, len(extraction.page.blocks) + 1))
        assert extraction.prediction.decided_by == ""


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.7", "a PDF"),
        (b"\xef\xbb\xbf\n%PDF-1.7", "a PDF"),
        (b"\x89PNG\r\n", "a PNG image"),
        (b"{\\rtf1 x}", "an RTF document"),
        (b"BZh91AY", "bzip2 data"),
        (b"WARC/1.0\r\n", "a web archive of many pages"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "an image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG image"),
        (bytes(range(256)) * 4, "binary data"),
    ],
)
def test_what_is_no_page_is_refused_by_name(data: bytes, name: str) -> None:
    with pytest.raises(IndexLMError, match=f"the input is {name}"):
        extract(data)
    page = read_page(data, query="why?")
    assert (page.blocks, page.query) == ((), "why?")
    assert name in page.warnings[0]


def test_the_limit_holds_for_what_unpacks_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexlm.inputs.document.MAX_BYTES", 2**20)
    extract(gzip.compress(b"<p>" + b"a " * 2**18), head="trees")
    for data in (gzip.compress(bytes(2**20 + 1)), gzip.compress(gzip.compress(bytes(2**20 + 1))), b" " * (2**20 + 1)):
        with pytest.raises(IndexLMError, match="at most 1 MiB"):
            extract(data)
    with pytest.raises(IndexLMError, match="the input cannot: "):
        extract(b"\x1f\x8b\x08\x00broken")


def test_a_page_may_be_a_path_an_open_file_or_any_bytes(tmp_path: Path) -> None:
    html = f"<p>{TRAM} é</p>".encode("latin-1")
    path = tmp_path / "page"
    path.write_bytes(html)
    expected = extract(html).text
    assert expected == f"{TRAM} é"
    with path.open("rb") as file, path.open(encoding="latin-1") as text_file:
        for page in (path, file, text_file, bytearray(html), memoryview(html), io.BytesIO(html), load(str(path))):
            assert extract(page).text == expected
    items = [path, (io.BytesIO(html), "https://t.example/"), io.StringIO(html.decode("latin-1")), load(str(path)), 7]
    results = list(Extractor("trees").extract_many(items, workers=2))  # type: ignore[arg-type]
    assert [getattr(result, "text", "") for result in results] == [expected] * 4 + [""]
    assert "found int" in str(results[4])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("https://t.example/a", r"extract\(load\('https://t.example/a'\)\)"),
        ("view-source:http://t.example", "address"),
        ("page.html", r"extract\(Path\('page.html'\)\)"),
        ("saved/Page.MHTML", "file name"),
        (__file__, "file name"),
    ],
)
def test_an_address_or_a_file_name_as_text_says_what_to_call(text: str, message: str) -> None:
    with pytest.raises(IndexLMError, match=message):
        extract(text)


@pytest.mark.parametrize("text", ["hello", "see https://t.example for trams", "a.b", "notes about page.html"])
def test_other_short_texts_are_texts(text: str) -> None:
    assert extract(text).text == text


def test_a_missing_or_closed_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(IndexLMError, match="there is no"):
        extract(tmp_path / "none.html")
    with pytest.raises(IndexLMError, match="cannot be read"):
        extract(tmp_path)
    file = io.StringIO("x")
    file.close()
    with pytest.raises(IndexLMError, match="open file can be read"):
        extract(file)
    with pytest.raises(IndexLMError, match="found NoneType"):
        extract(None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [
        '<?xml version="1.0"?><html xmlns="x">' + "<!--" * 30_000,
        '<?xml version="1.0"?><html xmlns="x">' + "<![CDATA[" * 20_000,
        "<html><frameset>" + "<iframe " * 20_000,
        "<rss><channel>" + "<item><title>x" * 5_000,
        "[x" * 60_000,
        "[" * 100_000,
        "# a\n\n" + "[" * 20_000,
        "- " * 50_000 + "\n" + "* " * 20_000,
        "a,b,c\n" * 30_000,
        '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><feed><title>&b;</title></feed>',
        "From: a@b.example\n" * 5_000 + "\nx",
    ],
    ids=range(11),
)
def test_hostile_inputs_of_every_kind_are_read_in_bounded_time(data: str) -> None:
    page = read_page(data)
    assert sum(len(block.inner) for block in page.blocks) < 100 * len(data) + 10_000
