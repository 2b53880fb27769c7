"""Chunks: nothing lost, nothing too long, no heading crossed, and each knows where it comes from."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexlm import Extractor, IndexLMError, read_page, to_chunks
from indexlm.html.decode import decode
from indexlm.page import Page
from indexlm.text import count_units, words
from tests.conftest import MAIN, golden_html, golden_indices, golden_page

SENTENCE = "The ferry leaves the north pier at nine and returns before dusk. "


def everything(page: Page) -> list[int]:
    return [block.index for block in page.blocks]


def counted(texts: list[str]) -> Counter[str]:
    return Counter(word for text in texts for word in words(re.sub(r"\\(.)", r"\1", text)))


def chunk_texts(html: str, max_tokens: int, overlap: int = 0) -> list[str]:
    page = read_page(html)
    return [chunk.text for chunk in to_chunks(page, everything(page), max_tokens, overlap)]


INLINE = st.sampled_from(
    ["word", "two words.", "<b>bold text</b>", '<a href="/a">a link</a>', "a<br>break", "漢字が続く。"]
)
RUN = st.lists(INLINE, min_size=1, max_size=30).map(" ".join)
BLOCK = st.one_of(
    RUN.map(lambda run: f"<p>{run}</p>"),
    RUN.map(lambda run: f"<h2>{run[:20].partition('<')[0] or 'head'}</h2>"),
    st.lists(RUN, min_size=1, max_size=5).map(lambda runs: f"<ol>{''.join(f'<li>{run}' for run in runs)}</ol>"),
    st.lists(st.sampled_from(["x = 1", "  y(2)", "for z in w:"]), min_size=1, max_size=20).map(
        lambda lines: "<pre>{}</pre>".format("\n".join(lines))
    ),
    st.lists(RUN, min_size=2, max_size=5).map(
        lambda runs: f"<table><tr><th>k<th>v</tr>{''.join(f'<tr><td>1<td>{run}</tr>' for run in runs)}</table>"
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(BLOCK, min_size=1, max_size=8).map("".join), st.integers(32, 120))
def test_no_word_is_lost_and_no_chunk_is_too_long(html: str, max_tokens: int) -> None:
    page = read_page(html)
    chunks = to_chunks(page, everything(page), max_tokens, source=html)
    assert max(chunk.tokens for chunk in chunks) <= max_tokens
    lost = counted([block.text for block in page.blocks]) - counted([chunk.text for chunk in chunks])
    assert not lost
    assert sorted({index for chunk in chunks for index in chunk.indices}) == everything(page)


@pytest.mark.parametrize("name", MAIN)
def test_chunks_of_a_page_hold_its_kept_words_and_say_where_they_stand(name: str) -> None:
    page, html = golden_page(name), decode(golden_html(name))
    chunks = to_chunks(page, golden_indices(name), 64, source=html)
    kept = [page.blocks[i - 1].text for i in golden_indices(name)]
    assert not counted(kept) - counted([chunk.text for chunk in chunks])
    for chunk in chunks:
        assert chunk.start is not None
        assert chunk.end is not None
        shown = words(re.sub(r"<[^>]*>", " ", html[chunk.start : chunk.end]))
        assert words(chunk.text)[-1] in shown
        assert chunk.lines[0] == html.count("\n", 0, chunk.start) + 1
        assert chunk.lines[1] == html.count("\n", 0, chunk.end - 1) + 1
        assert chunk.tokens == count_units(chunk.text) <= 64


def test_a_heading_starts_a_chunk_with_its_path() -> None:
    html = f"<h1>Ferries</h1><h2>North</h2><p>{SENTENCE}</p><h3>Fares</h3><p>Free.</p><h2>South</h2><p>None.</p>"
    page = read_page(html)
    chunks = to_chunks(page, everything(page))
    assert [chunk.headings for chunk in chunks] == [
        ("Ferries", "North"),
        ("Ferries", "North", "Fares"),
        ("Ferries", "South"),
    ]
    assert [chunk.indices for chunk in chunks] == [(1, 2, 3), (4, 5), (6, 7)]
    without_name = to_chunks(page, everything(page)[1:])
    assert [chunk.headings for chunk in without_name] == [chunk.headings for chunk in chunks]


def test_a_heading_is_never_alone_above_a_long_text() -> None:
    texts = chunk_texts(f"<h2>A long ride</h2><p>{SENTENCE * 4}</p>", 52)
    assert texts[0].startswith("## A long ride\n\nThe ferry")
    assert all(text.endswith(("dusk.", "nine")) or text[-1].isalpha() for text in texts)


def test_tables_are_cut_between_rows_under_their_header() -> None:
    rows = "".join(f"<tr><td>{i}:00</td><td>pier {i}</td></tr>" for i in range(30))
    texts = chunk_texts(f"<table><tr><th>Time</th><th>Place</th></tr>{rows}</table>", 60)
    assert len(texts) > 3
    assert all(re.match(r"\| Time +\| Place", text) for text in texts)
    assert [place for text in texts for place in re.findall(r"pier (\d+)", text)] == [str(i) for i in range(30)]


def test_the_parts_of_a_long_row_stand_below_the_header_of_their_columns() -> None:
    texts = chunk_texts(f"<table><tr><th>K<th>V</tr><tr><td>key<td>{SENTENCE * 5}</tr></table>", 48)
    assert {text.splitlines()[0] for text in texts[1:]} <= {"| K | V |", "| V |"}
    assert all(len({line.count("|") for line in text.splitlines()}) == 1 for text in texts)


def test_the_header_of_a_row_that_is_cut_is_in_no_chunk_of_its_own() -> None:
    table = (
        f"<table><tr><th>Name</th><th>What it carries</th></tr><tr><td>Tern</td><td>{SENTENCE * 8}</td></tr></table>"
    )
    for before in ("", f"<p>{SENTENCE}</p>", "<h2>Boats</h2>"):
        page = read_page(before + table)
        chunks = to_chunks(page, range(1, len(page.blocks) + 1), 64)
        assert not any(re.search(r"-- \|\Z", chunk.text) for chunk in chunks)
        assert {index for chunk in chunks for index in chunk.indices} == {block.index for block in page.blocks}
    assert chunks[0].text.startswith("## Boats\n\n| Name |")
    rows = f"<tr><td>Tern</td><td>{SENTENCE}</td></tr>"
    texts = chunk_texts(f"<p>{SENTENCE}</p><table><tr><th>Name</th><th>Load</th></tr>{rows * 2}</table>", 40)
    assert not any(re.search(r"-- \|\Z", text) for text in texts)


def test_a_wide_table_is_cut_between_columns() -> None:
    names = [f"the column {i}" for i in range(20)]
    cells = "".join(f"<td>value {i} is here</td>" for i in range(20))
    header = "".join(f"<th>{name}</th>" for name in names)
    page = read_page(f"<h1>All</h1><table><tr>{header}</tr>{f'<tr>{cells}</tr>' * 2}</table>")
    chunks = to_chunks(page, range(1, 5), 64)
    assert all(chunk.tokens <= 64 for chunk in chunks)
    assert chunks[0].text.startswith("# All\n\n| the column 0 |")
    rows = [chunk.text.removeprefix("# All\n\n").splitlines() for chunk in chunks]
    assert all(len(lines) == 3 for lines in rows)  # no chunk holds a part of the header alone
    pairs = [
        (name.strip(), value.strip())
        for above, _, row in rows
        for name, value in zip(above.split("|")[1:-1], row.split("|")[1:-1], strict=True)
    ]
    assert pairs == [(name, f"value {i} is here") for _ in range(2) for i, name in enumerate(names)]


def test_each_part_of_a_wide_row_begins_with_the_name_of_the_row() -> None:
    years = range(1990, 2020)
    header, cells = ("".join(f"<{tag}>{year}</{tag}>" for year in years) for tag in ("th", "td"))
    table = f"<table><tr><th>Route</th>{header}</tr><tr><th>Skerry</th>{cells}</tr></table>"
    chunks = to_chunks(read_page(table), [1, 2], 64)
    parts = [chunk.text.splitlines() for chunk in chunks if chunk.indices[0] == 2]
    assert len(parts) > 2
    assert all(above.startswith("| Route |") and row.startswith("| Skerry |") for above, _, row in parts)
    assert [above.split("|")[2:] for above, _, _ in parts] == [row.split("|")[2:] for _, _, row in parts]


def test_an_overlap_reaches_over_the_cuts_of_a_long_paragraph() -> None:
    sentences = [f"This is sentence {i} of it." for i in range(40)]
    chunks = to_chunks(read_page(f"<p>{' '.join(sentences)}</p>"), [1], 64, overlap=20)
    assert all(chunk.tokens <= 64 for chunk in chunks)
    for before, after in pairwise(chunks):
        repeated = [sentence for sentence in sentences if sentence in before.text and sentence in after.text]
        assert before.text.endswith(" ".join(repeated))
        assert after.text.startswith(" ".join(repeated))
        assert repeated


def test_a_term_stays_with_its_meaning() -> None:
    terms = "".join(f"<dt>Term {i}</dt><dd>{SENTENCE}</dd>" for i in range(12))
    texts = chunk_texts(f"<dl>{terms}</dl>", 64)
    assert len(texts) > 2
    assert not any(re.search(r"Term \d+\s*\Z", text) for text in texts)


def test_code_is_cut_at_lines_in_complete_fences() -> None:
    lines = ["    " * (i % 4) + f"call_{i}(x, y)" for i in range(40)]
    texts = chunk_texts('<pre><code class="language-python">{}</code></pre>'.format("\n".join(lines)), 64)
    assert len(texts) > 3
    assert all(text.startswith("```python\n") and text.endswith("\n```") for text in texts)
    assert [line for text in texts for line in text.splitlines()[1:-1]] == lines


def test_links_and_emphasis_survive_a_cut() -> None:
    texts = chunk_texts(f'<p><a href="/x"><b>{SENTENCE * 3}</b></a></p>', 40)
    assert len(texts) > 1
    assert all(re.fullmatch(r"\[\*\*[^*]+\*\*\]\(/x\)", text) for text in texts)


def test_a_cut_leaves_no_empty_link() -> None:
    links = " ".join(f'<a href="/a-page-with-a-long-name/{i}.html">word{i}</a> and more' for i in range(60))
    texts = chunk_texts(f"<p>{links}</p>", 64)
    assert len(texts) > 5
    assert not any("[](" in text for text in texts)
    assert counted([re.sub(r"\]\([^)]*\)", "", text) for text in texts]) == counted([read_page(f"<p>{links}</p>").text])


def test_a_cut_before_a_link_in_emphasis_or_a_cell_leaves_nothing_of_it() -> None:
    link = "<a href=https://x.example/{0}>w{0}</a>"
    links = [link.format(i) for i in range(30)]
    pages = [f"<p><i>{' '.join(links)}</i>", f"<table><tr><th>a<th>b<tr><td>x<td><b>{' '.join(links)}</b></table>"]
    for page in map(read_page, pages):
        chunks = to_chunks(page, range(1, 9), 48)
        assert len(chunks) > 3
        assert not any("[](" in chunk.text or "**" * 2 in chunk.text for chunk in chunks)


def test_an_overlap_repeats_the_end_within_a_section() -> None:
    html = "<h2>One</h2>" + f"<p>{SENTENCE}</p>" * 9 + f"<h2>Two</h2><p>{SENTENCE}</p>"
    page = read_page(html)
    chunks = to_chunks(page, everything(page), 64, 20)
    assert 1 < len(set(chunks[0].indices) & set(chunks[1].indices)) < 3
    assert chunks[-1].text.startswith("## Two")
    assert max(chunk.tokens for chunk in chunks) <= 64


def test_tokens_are_counted_by_the_function_of_the_user() -> None:
    page = read_page(f"<p>{SENTENCE * 10}</p>")
    chunks = to_chunks(page, [1], 20, count_tokens=lambda text: len(text.split()))
    assert max(chunk.tokens for chunk in chunks) <= 20
    assert " ".join(chunk.text for chunk in chunks) == (SENTENCE * 10).strip()


def test_a_word_longer_than_a_chunk_is_a_chunk() -> None:
    texts = chunk_texts(f"<p>before {'x' * 300} after</p>", 16)
    assert [text for text in texts if count_units(text) > 16] == ["x" * 300]


@pytest.mark.parametrize(("max_tokens", "overlap"), [(15, 0), (64, 33), (64, -1)])
def test_sizes_that_no_chunk_has_are_refused(max_tokens: int, overlap: int) -> None:
    with pytest.raises(IndexLMError, match="found"):
        to_chunks(read_page("<p>a"), [1], max_tokens, overlap)


def test_an_extraction_gives_chunks_and_json_lines() -> None:
    extraction = Extractor("trees").extract(golden_html("docs"))
    chunks = extraction.chunks(max_tokens=100, overlap=10)
    assert all(chunk.start is not None for chunk in chunks)
    lines = extraction.render("chunks").splitlines()
    assert [json.loads(line)["text"] for line in lines] == [chunk.text for chunk in extraction.chunks()]
    assert Extractor("trees").extract("").chunks() == ()


def test_no_word_of_real_pages_is_lost(data: Path) -> None:
    from eval.rows import read_rows

    rows = read_rows(data / "me" / "dev.parquet", lambda row: len(row["html"]) < 60_000)[::40]
    for row in rows:
        page = read_page(row["html"])
        parts = [chunk.text for chunk in to_chunks(page, everything(page), 128)]
        lost = counted([block.text for block in page.blocks]) - counted(parts)
        assert sum(lost.values()) <= 0.01 * sum(counted(parts).values())  # words that Markdown parts with signs
