"""Text and inline markup that Markdown would take for something else."""

from __future__ import annotations

import pytest

from indexlm import read_page
from indexlm.assemble import to_markdown

EVERY = range(1, 1000)


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("x<b>!</b><i>y</i> z", "x!*y* z"),
        ("x<b>(a)</b><b>b</b> z", "x(a)**b** z"),
        ("a<b>.b</b><i>c</i><b>d</b>", "a.b*c*d"),
        ("x <b>Note</b><strong>:</strong> y", "x **Note:** y"),
        ("x <em>a</em><i>b</i> y", "x *ab* y"),
        ("x <i>a<i>b</i></i> y", "x *ab* y"),
        ("Wow!<a href=/x>y</a>", "Wow\\![y](/x)"),
        ("<a href=/x>y</a><b>, and </b><a href=/x>z</a><b>.</b>", "[y](/x)**, and** [z](/x)."),
        ("x in<i> /a/b</i>, y", "x in */a/b*, y"),
        ("<i>x</i> y<i> (z) </i>a", "*x* y *(z)* a"),
        ("<i>x </i><b><i>y</i></b><i> z</i>", "*x* ***y*** *z*"),
        ("<a href=javascript:x>y</a><b>, and</b>", "y, and"),
    ],
)
def test_emphasis_that_no_renderer_would_read_goes_and_what_follows_it_stays(html: str, markdown: str) -> None:
    assert to_markdown(read_page(f"<p>{html}</p>"), EVERY) == markdown


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>号<del>（删）</del>了，a<s>(b)</s>c</p>", "号 <del>（删）</del> 了，a(b)c"),
        ("<p>x<br>--- | ---<br>y</p>", "--- | ---"),
        ("<p>Then a<sup>b<sup>c</sup></sup> holds.</p>", "a^(b^c) holds"),
        ("<p>Go to http://x.example/a_b*c, now.</p>", '<a href="http://x.example/a_b*c">'),
        ("<p><a href=/x>http://x.example/_a_</a></p>", ">http://x.example/_a_</a>"),
        (r"<p>Delete C:\temp\*.tmp and D:\work\*.bak, or \`x\`</p>", r"C:\temp\*.tmp and D:\work\*.bak, or \`x\`"),
        (r"<p>Set \<b>x</b> and \\<i>y</i></p>", r"Set \<strong>x</strong> and \\<em>y</em>"),
        ("<p>2)<b> Spill</b></p>", "<p>2) <strong>Spill</strong></p>"),
        ("<p>a<br>+ 49 b</p>", "+ 49 b</p>"),
        ("<p><code><i><code>a</code></i>.*</code></p>", "<code>a.*</code>"),
        ("<p>Old Registry<sup>New</sup> x</p>", "Old Registry New x"),
        ("<p>use code <sub>SPRING</sub> at V<sub>max</sub></p>", "use code SPRING at V_max"),
        ("<p>a<br>-<i> b</i></p>", "- <em>b</em>"),
        ("<p>-----<br>a</p>", "<p>-----<br />"),
        ("<p>a<br>***<br>b</p>", "***<br />"),
        ("<p>GET https://x.example/&lt;id&gt;/a_b/&lt;no_c&gt;; now</p>", "x.example/&lt;id&gt;/a_b/&lt;no_c&gt;; now"),
    ],
)
def test_a_renderer_shows_the_text_of_the_page(html: str, expected: str) -> None:
    from markdown_it import MarkdownIt

    renderer = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    rendered = renderer.render(to_markdown(read_page(html), EVERY)).replace("<s>", "<del>").replace("</s>", "</del>")
    assert expected in rendered
    assert "<table" not in rendered
    assert "~~" not in rendered
