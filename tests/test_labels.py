"""Labels and the blocks that they name, by structure alone."""

from __future__ import annotations

import pytest

from indexlm import read_page
from indexlm.labels import bodies, header_rows, sections

POST = "<div class=post><div class=text><p>{}</p></div><div class=tools>Reply</div></div>"


def named(html: str, text: str) -> list[str]:
    """The texts of the blocks that a label names."""
    page = read_page(html)
    label = next(block.index for block in page.blocks if block.text.startswith(text))
    return [page.blocks[i - 1].text for i in bodies(page).get(label, ())]


@pytest.mark.parametrize(
    ("html", "label", "body"),
    [
        ("<h2>Size</h2><p>a</p><h3>Sub</h3><p>b</p><h2>Next</h2><p>c</p>", "Size", ["a", "Sub", "b"]),
        ("<section><h2>Size</h2><p>a</p></section><p>b</p>", "Size", ["a"]),
        ("<h2>Size</h2><p>a</p><footer><p>b</p></footer>", "Size", ["a"]),
        ("<details><summary>Pets</summary><p>a</p><p>b</p></details><p>c</p>", "Pets", ["a", "b"]),
        ("<dl><dt>Red</dt><dt>Blue</dt><dd>a</dd><dd>b</dd><dt>Green</dt><dd>c</dd></dl>", "Red", ["a", "b"]),
        ("<dl><div><dt>Red</dt><dd>a</dd></div><div><dt>Blue</dt><dd>b</dd></div></dl>", "Red", ["a"]),
        ("<p><b>Dogs</b></p><p>a</p><p>b</p><p><b>Cats</b></p><p>c</p>", "Dogs", ["a", "b"]),
        ("<p><b>Dogs</b></p><p>a</p><p><b>Cats</b></p><p>b</p><p>Something else.</p>", "Cats", ["b"]),
        ("<p>犬は？</p><p>a</p><p>猫は？</p><p>b</p>", "犬", ["a"]),
        ("<p>To start, run:</p><pre>go</pre><p>b</p>", "To start", ["go"]),
        ("<p>Bring:</p><ul><li>a</li><li>b</li></ul><p>c</p>", "Bring", ["a", "b"]),
        (
            "".join(f"<div><button>{q}</button><div><p>{a} and more words</p></div></div>" for q, a in ("Ax", "By")),
            "A",
            ["x and more words"],
        ),
        (POST.format("How so?") + POST.format("Like this."), "How so?", ["Like this."]),
        (
            "<div><p>Well, why?</p></div><div><blockquote><p>why?</p></blockquote><p>Because.</p></div>",
            "Well",
            ["Because."],
        ),
        ("<p>A sentence.</p><p>b</p>", "A sentence", []),
        ("<ul><li>a</li><li>b</li></ul>", "a", []),
    ],
)
def test_a_label_names_what_belongs_to_it(html: str, label: str, body: list[str]) -> None:
    assert named(html, label) == body


def test_sections_are_the_bodies_of_headings() -> None:
    page = read_page("<h1>T</h1><p>a:</p><ul><li>b</li></ul><h2>S</h2><p>c?</p><p>d</p>")
    assert sections(page) == {1: range(2, 7), 4: range(5, 7)}


def test_rows_have_the_header_rows_above_them() -> None:
    row = "<tr><td>a</td><td>b</td></tr>"
    head = "<tr><th>x</th><th>y</th></tr>"
    page = read_page(f"<table>{head}{row}{row}{head}{row}</table><table>{row}{row}</table>")
    assert header_rows(page) == {2: (1,), 3: (1,), 5: (4,)}
