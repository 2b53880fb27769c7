"""Numbers and signs that a page lays beside the text of an item begin that text."""

from __future__ import annotations

import pytest

from indexlm import read_page


def texts(body: str) -> list[str]:
    return [block.text for block in read_page(f"<body>{body}</body>").blocks]


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("<table><tr><td><p>(a)</p></td><td><p>ports of the sea;</p></td></tr></table>", ["(a) ports of the sea;"]),
        (
            "<dl><dt>1.</dt><dd><div>die Fähre,</div></dd><dt>2.</dt><dd>der Hafen.</dd></dl>",
            ["1. die Fähre,", "2. der Hafen."],
        ),
        (
            "<div><div class=num>(iv)</div><div><p>The tenant pays.</p><p>Soon.</p></div></div>",
            ["(iv) The tenant pays.", "Soon."],
        ),
        ("<table><tr><td>•</td><td>A lamp</td></tr><tr><td>•</td><td>Boots</td></tr></table>", ["• A lamp", "• Boots"]),
        (
            "<section><span>1.</span><p>It is due.</p><p>Soon.</p></section><section><b>2.</b><p>Paid.</p></section>",
            ["1. It is due.", "Soon.", "2. Paid."],
        ),
        ("<div><a name=p1></a>3.<div><p>It is late.</p></div></div>", ["3. It is late."]),
        ("<div><div>[1]</div><div>A. Roe, <i>Boats</i>.</div></div>", ["[1] A. Roe, Boats."]),
        (
            "<table><tr><td>1.</td><td><table><tr><td>(a)</td><td>Sub</td></tr></table></td></tr></table>",
            ["1. (a) Sub"],
        ),
        ("<div><div>1.</div><div><p hidden>edit</p><p>Clause</p></div></div>", ["edit", "1. Clause"]),
        ("<ul><li><div>1.</div><div><input type=checkbox disabled> todo</div></li></ul>", ["[ ] 1. todo"]),
        (
            "<div class=footnote><a href='#footnote-ref-1'>1</a><div><p>A third way.</p><p>Not tried.</p></div></div>",
            ["[1] A third way.", "Not tried."],
        ),
        ("<aside class=footnote id=i1><span>[<a href='#i'>1</a>]</span><p>Bytes.</p></aside>", ["[1] Bytes."]),
        ("<ol><li><div>1.</div><div>Open</div></li><li><div>2)</div><div>Go</div></li></ol>", ["Open", "Go"]),
        (
            "<ol><li><div class=n>1</div><div>Open</div></li><li><div>3</div><div>Go</div></li></ol>",
            ["Open", "3", "Go"],
        ),
        ("<ol start=4><li><div>1.</div><div>Open</div></li></ol>", ["1. Open"]),
        ("<div class=fn><sup>a</sup><p>Twice.</p></div>", ["a Twice."]),
        ("<div class=footdef><sup><a href='#f'>1</a></sup> <div><p>So far.</p></div></div>", ["[1] So far."]),
    ],
)
def test_a_mark_begins_the_text_beside_it(body: str, shown: list[str]) -> None:
    assert texts(body) == shown


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("<p>1.</p><p>A page.</p>", ["1.", "A page."]),
        ("<div class=likes><span>41</span><div>Share</div></div>", ["41", "Share"]),
        ("<dl><dt>1.</dt><dd><pre>x = 1</pre></dd><dt>2.</dt><dd>two</dd></dl>", ["1.", "x = 1", "2. two"]),
        ("<div><div>1.</div><div><script>x</script><select><option>a</select></div></div><p>b</p>", ["1.", "b"]),
        ("<div><p>One.</p>2.<p>Two.</p></div>", ["One.", "2.", "Two."]),
        ("<div><b>9.</b><div><script>x</script></div></div>", ["9."]),
        ("<div><div>9.</div><div><script>x</script></div></div>", ["9."]),
        ("<dl><dt>1.</dt><dd></dd><dt>Two</dt><dd>2.</dd></dl>", ["1.", "Two", "2."]),
        ("<div><div>a)</div><div>b</div><div>c</div><div>d</div></div>", ["a)", "b", "c", "d"]),
        ("<table><tr><th>No.</th><th>Who</th></tr><tr><td>1.</td><td>Ada</td></tr></table>", ["No. | Who", "1. | Ada"]),
    ],
)
def test_a_mark_that_belongs_to_nothing_stays_alone(body: str, shown: list[str]) -> None:
    assert texts(body) == shown
