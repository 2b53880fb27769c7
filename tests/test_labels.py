"""Labels and the blocks that they name, by structure alone."""

from __future__ import annotations

import pytest

from indexlm import read_page
from indexlm.labels import bodies, cards, header_rows, sections

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
        ("<p>犬も泊まれますか。</p><p>a</p><p>駐車場はありますか</p><p>b</p>", "犬", ["a"]),
        ("<p>To start, run:</p><pre>go</pre><p>b</p>", "To start", ["go"]),
        ("<p>Bring:</p><ul><li>a</li><li>b</li></ul><p>c</p>", "Bring", ["a", "b"]),
        (
            "".join(f"<div><button>{q}</button><div><p>{a} and more words</p></div></div>" for q, a in ("Ax", "By")),
            "A",
            ["x and more words"],
        ),
        ("<div><h3>Size</h3><button>Try it</button></div><table><tr><td>a<td>1</table>", "Size", ["a | 1"]),
        (POST.format("How so?") + POST.format("Like this."), "How so?", ["Like this."]),
        ("<blockquote><i>Ann:</i><p>How so?</p></blockquote>Like this.", "How so?", ["Like this."]),
        (
            "<div><p>Well, why?</p></div><div><blockquote><p>why?</p></blockquote><p>Because.</p></div>",
            "Well",
            ["Because."],
        ),
        ("<p>A sentence.</p><p>b</p>", "A sentence", []),
        (
            "<ul><li>We open<ul><li>at nine</li><li>at ten</li></ul></li><li>c</li></ul>",
            "We open",
            ["at nine", "at ten"],
        ),
        ("<p>We open</p><ul><li>at nine</li></ul><p>c</p>", "We open", ["at nine"]),
        ("<p>We open.</p><ul><li>at nine</li></ul>", "We open", []),
        ("".join(f"<div><p>{n}</p><p>{v}</p></div>" for n, v in (("Size", "2 m"), ("Age", "9"))), "Age", ["9"]),
        ("<div><p>Size</p><p>2 m</p></div><p>c</p>", "Size", []),
        ("".join(f"<div><p>{n}</p><p>{v}</p></div>" for n, v in (("Ann", "I go."), ("Bo", "Me too."))), "Ann", []),
        ("<ul><li>a</li><li>b</li></ul>", "a", []),
    ],
)
def test_a_label_names_what_belongs_to_it(html: str, label: str, body: list[str]) -> None:
    assert named(html, label) == body


def test_few_terms_share_a_definition() -> None:
    assert len(bodies(read_page("<dl>" + "<dt>gull</dt>" * 300 + "<dd>a bird</dd></dl>"))) < 60


def test_sections_are_the_bodies_of_headings() -> None:
    page = read_page("<h1>T</h1><p>a:</p><ul><li>b</li></ul><h2>S</h2><p>c?</p><p>d</p>")
    assert sections(page) == {1: range(2, 7), 4: range(5, 7)}


def test_rows_have_the_header_rows_above_them() -> None:
    row = "<tr><td>a</td><td>b</td></tr>"
    head = "<tr><th>x</th><th>y</th></tr>"
    page = read_page(f"<table>{head}{row}{row}{head}{row}</table><table>{row}{row}</table>")
    assert header_rows(page) == {2: (1,), 3: (1,), 5: (4,)}


def test_rows_of_a_group_have_its_header_below_that_of_the_columns() -> None:
    head, row = "<tr><th>Day</th><th>Hours</th></tr>", "<tr><td>Sunday</td><td>10-18</td></tr>"
    groups = "".join(f"<tr><th colspan=2>{name}</th></tr>{row}" for name in ("Summer", "Winter"))
    assert header_rows(read_page(f"<table>{head}{groups}</table>")) == {3: (1, 2), 5: (1, 4)}


@pytest.mark.parametrize(
    ("first", "rows", "is_header"),
    [
        ("<td>Who</td><td>Fare</td>", ["<td>Adult</td><td>9</td>", "<td>Child</td><td>4</td>"], True),
        ("<th>Stop</th><td>Pier A</td>", ["<th>First</th><td>7:05</td>"], True),
        ("<td>Who</td><td>Fare</td>", ["<td>Adult</td><td>nine</td>"], False),
        ("<td>Mon</td><td>9-17</td>", ["<td>Sat</td><td>10-14</td>"], False),
        ("<td>Who</td><td>Fare</td>", ["<td>Adult</td><td>9</td>", "<td>All of these are one way</td>"], False),
    ],
)
def test_a_first_row_without_digits_heads_columns_of_numbers(first: str, rows: list[str], is_header: bool) -> None:
    page = read_page(f"<table>{''.join(f'<tr>{row}</tr>' for row in (first, *rows))}</table>")
    assert header_rows(page) == (dict.fromkeys(range(2, len(rows) + 2), (1,)) if is_header else {})


def test_cards_are_like_elements_of_several_blocks() -> None:
    page = read_page("".join(f"<article><time>{i} May</time><h3>Run {i}</h3></article>" for i in (1, 2)) + "<p>c</p>")
    assert cards(page) == [[range(1, 3), range(3, 5)]]
    assert cards(read_page("<ul><li>a</li><li>b</li></ul><p>c</p><p>d</p>")) == []
