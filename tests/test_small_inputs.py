"""Short inputs, and text that a page keeps in its data."""

from __future__ import annotations

import json

import pytest

from indexlm import Extractor, read_page
from indexlm.assemble import to_markdown
from indexlm.inputs.document import Warn

EVERY = range(1, 1000)
TIDES = "The harbour office keeps its records in a room above the shed, where clerks copy the tides."


def markdown(content: bytes | str) -> str:
    page = read_page(content if isinstance(content, bytes) else content.encode())
    return to_markdown(page, EVERY)


def shell(script: str) -> str:
    return f"<html><head><title>Log</title></head><body><div id=root></div><script>{script}</script></body></html>"


def flight(*rows: str) -> str:
    return "".join(f"self.__next_f.push({json.dumps([1, row])});" for row in rows)


def test_elements_of_flight_data_are_the_text_of_an_empty_page() -> None:
    heading = ["$", "h1", None, {"children": "Tide books"}]
    paragraph = ["$", "p", None, {"children": [TIDES, " See ", ["$", "a", None, {"href": "/m", "children": "maps"}]]}]
    component = ["$", "$L3", None, {"children": [heading, paragraph, "$b", ["$", "script", None, {"children": "x"}]]}]
    raw = "<p>Ropes &amp; tar.</p>"
    rows = [
        f"a:{json.dumps(component)}\n",
        f"c:T{len(raw):x},{raw}",
        'b:["$","div",null,{"dangerouslySetInnerHTML":{"__html":"$c"}}]\n3:I["x.js"]\n',
    ]
    page = read_page(shell(flight(*rows)).encode())
    assert to_markdown(page, EVERY) == f"# Tide books\n\n{TIDES} See [maps](/m)\n\nRopes & tar."
    assert [warning.partition(":")[0] for warning in page.warnings] == [Warn.NEEDS_JAVASCRIPT]


def test_flight_data_of_a_page_that_shows_its_text_is_not_read() -> None:
    script = flight(f"a:{json.dumps(['$', 'p', None, {'children': TIDES}])}\n")
    assert markdown(f"<p>{TIDES}</p><script>{script}</script>") == TIDES


@pytest.mark.parametrize("data", ['a:["$"', "a:Tffffffff,x", 'a:["$","p"]\n', "zz", 'a:"$a"\n', 'a:[[["$a"]]]\n'])
def test_broken_flight_data_is_no_error(data: str) -> None:
    assert markdown(shell(flight(data))) == ""


def test_a_short_article_in_data_is_shown_where_the_page_shows_nothing() -> None:
    body = {
        "@graph": [
            {
                "@type": "NewsArticle",
                "headline": "Tides",
                "articleBody": "Low at nine.\n\nHigh &amp; wet at three, they say.",
            }
        ]
    }
    page = f"<script type='application/ld+json'>{json.dumps(body)}</script><div id=app></div>"
    assert markdown(page) == "# Tides\n\nLow at nine.\n\nHigh & wet at three, they say."
    assert TIDES in markdown(shell(f"window.__STATE__={json.dumps({'post': {'content': TIDES}})}"))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("# Ropes\n\n* hemp\n* wire\n", ["# Ropes", "- hemp", "- wire"]),
        (
            "# Pier\n\n<p align=center>Boats.</p>\n\n## Install\n\nUse **pip**.\n",
            ["# Pier", "Boats.", "## Install", "Use **pip**."],
        ),
        ("boat,age\nTern,3\nGull,4\n", ["| boat | age |", "| --- | --- |", "| Tern | 3 |", "| Gull | 4 |"]),
    ],
)
def test_short_texts_are_known_without_a_name(text: str, lines: list[str]) -> None:
    assert [line for line in markdown(text).splitlines() if line] == lines


@pytest.mark.parametrize("text", ["# set the tide\n\ntide=3\n", "Dear Bo, hello\nall is, well\nyours, Ada\n"])
def test_short_texts_that_are_neither_stay_text(text: str) -> None:
    assert "|" not in markdown(text)
    assert not markdown(text).startswith("# ")


def test_entities_in_json_and_files_of_feeds() -> None:
    assert "Ropes & tar" in markdown('{"id": 5, "title": {"rendered": "Ropes &#038; tar"}, "text": "It is tar."}')
    item = '<item><title>One</title><enclosure url="https://x.example/one.mp3" type="audio/mpeg"/></item>'
    assert "https://x.example/one.mp3" in markdown(f'<?xml version="1.0"?><rss><channel>{item}</channel></rss>')


def test_titles_of_feeds_hold_entities_and_items_name_all_their_authors() -> None:
    items = (
        "<item><title>Bo &amp;amp; Ada&amp;#8217;s boat</title><author>ada@x.example (Ada Roe)</author></item>"
        "<item><title>Oars</title><creator>Ada Roe</creator><creator>Bo Lee</creator></item>"
    )
    title = "<title>All &amp;quot;afloat&amp;quot;</title>"
    rss = markdown(f'<?xml version="1.0"?><rss><channel>{title}{items}</channel></rss>')
    assert rss == '# All "afloat"\n\n## Bo & Ada’s boat\n\nAda Roe\n\n## Oars\n\nAda Roe, Bo Lee'
    entries = (
        '<entry><title type="text">Of &lt;b&gt; and &amp;amp;</title></entry>'
        '<entry><title type="html">Bo &amp;amp; Ada</title><author><name>Bo Lee</name></author></entry>'
    )
    atom = markdown(f'<?xml version="1.0"?><feed><author><name>Cy Dow</name></author>{entries}</feed>')
    assert atom == "## Of \\<b> and \\&amp;\n\nCy Dow\n\n## Bo & Ada\n\nBo Lee"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_mails_of_a_mailbox_stand_one_below_the_other(newline: str) -> None:
    mails = (
        "From ada@x.example Mon Nov  2 08:00:00 2026\nFrom: Ada <ada@x.example>\nSubject: Oars\n\n"
        "They are here.\n>From the shed they came.\n\n"
        "From bo@x.example Mon Nov  2 09:00:00 2026\nFrom: Bo <bo@x.example>\nSubject: Re: Oars\n\n"
        "> They are here.\nGood.\n"
    )
    assert [line for line in markdown(mails.replace("\n", newline)).splitlines() if line] == [
        "# Oars",
        "From: Ada \\<ada@x.example>",
        "They are here.  ",
        "From the shed they came.",
        "# Re: Oars",
        "From: Bo \\<bo@x.example>",
        "> They are here.",
        "Good.",
    ]


def test_a_mail_shows_all_texts_whatever_they_are_nested_in() -> None:
    def parts(kind: str, boundary: str, *inner: str) -> str:
        body = "".join(f"--{boundary}\n{part}\n" for part in inner)
        return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{body}--{boundary}--\n'

    texts = [f"Content-Type: text/plain\n\n{text}" for text in ("First.", "Second.", "Third.")]
    image = "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw=="
    content = parts("mixed", "m", parts("mixed", "n", texts[0], image, texts[1]), texts[2])
    signed = parts("signed", "s", content, "Content-Type: application/pgp-signature\n\nxyz")
    shown = markdown(f"From: Ada <ada@x.example>\nMIME-Version: 1.0\n{signed}")
    assert shown.endswith("First.\n\nSecond.\n\nThird.")


@pytest.mark.parametrize(
    ("headers", "text", "is_whole"),
    [
        ("", "Bye, Ada", True),
        ("List-Id: <boats.x.example>\n", "Bye, Ada", False),
        ("", "<a href=/u>Unsubscribe</a>", False),
    ],
)
def test_a_letter_is_kept_whole_and_a_mail_to_many_is_not(headers: str, text: str, is_whole: bool) -> None:
    body = f"<div>Hello all,<div><br></div><div>fees rise to 5 euro.</div><div>{text}</div></div>"
    mail = f"From: Ada <ada@x.example>\nSubject: Fees\n{headers}MIME-Version: 1.0\nContent-Type: text/html\n\n{body}"
    assert read_page(mail).whole is is_whole
    if is_whole:
        assert Extractor("trees").extract(mail).text.endswith("Hello all,\nfees rise to 5 euro.\nBye, Ada")


def test_a_request_to_sign_in_for_a_comment_is_no_wall() -> None:
    page = "<h1>Fees</h1><p>Five euro a day.</p><p>Please sign in to leave a comment.</p>"
    assert not read_page(page + "<p>You must be logged in to post a comment.</p>").warnings
    assert "login wall" in " ".join(read_page("<h1>Fees</h1><p>Please sign in to read on.</p>").warnings)


def test_frames_of_a_saved_page_are_part_of_it_unless_they_are_of_another_site() -> None:
    def part(name: str, address: str, html: str) -> str:
        head = f"Content-Type: text/html\nContent-ID: <{name}>\nContent-Location: {address}\n\n"
        return f"--b\n{head}<html><body>{html}</body></html>\n\n"

    frames = '<p>Outer.</p><iframe src="cid:two@x"></iframe><iframe src="cid:three@x"></iframe>'
    saved = (
        "From: <Saved by Blink>\nSnapshot-Content-Location: https://h.example/log\nMIME-Version: 1.0\n"
        'Content-Type: multipart/related; boundary="b"\n\n'
        + part("one@x", "https://h.example/log", frames)
        + part("two@x", "https://h.example/in", "<p>Inner.</p>")
        + part("three@x", "https://ads.example/in", "<p>Buy.</p>")
        + "--b--\n"
    )
    assert markdown(saved) == "Outer.\n\nInner."
