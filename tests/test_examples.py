"""Examples from rows on disk, and questions laid into pages."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.examples import (
    Example,
    crop,
    embed_article,
    host_page,
    make_question,
    me_examples,
    qe_examples,
    shorten,
)
from eval.rows import read_rows, stream_rows
from indexlm import IndexLMError
from tests.conftest import golden_indices, golden_page


def host(name: str = "news") -> Example:
    return Example(golden_page(name), golden_indices(name), id=name)


def row(i: int, lang: str = "en") -> dict[str, Any]:
    return {
        "id": f"r{i}",
        "source": "test",
        "license": "CC0-1.0",
        "title": f"Article {i}",
        "lang": lang,
        "paragraphs": [f"Paragraph {k} of article {i}." for k in range(40)],
        "questions": [
            {"id": f"q{i}", "question": f"What is {i}?", "answers": ["x"], "relevant": [3, 30 - i], "answerable": True}
        ],
    }


def test_an_article_takes_the_place_of_the_main_content() -> None:
    page, first = embed_article(host(), "The title", ["One.", "Two."], random.Random(0))
    texts = [block.text for block in page.blocks]
    at = texts.index("The title")
    assert texts[at : at + 3] == ["The title", "One.", "Two."]
    assert first == at + 2
    assert [block.index for block in page.blocks] == list(range(1, len(page.blocks) + 1))
    assert not set(texts) & {golden_page("news").blocks[i - 1].text for i in golden_indices("news")}
    assert "Related stories" in texts
    paragraph, other = page.blocks[at + 1], golden_page("news").blocks[9]
    assert paragraph.path[:-1] == other.path[:-1]
    assert len({block.nodes for block in page.blocks}) == len(page.blocks)


def test_a_host_without_main_content_is_refused() -> None:
    with pytest.raises(IndexLMError, match="'news'"):
        embed_article(Example(golden_page("news"), (), id="news"), "t", ["p"], random.Random(0))


def test_what_is_kept_of_a_host_lays_the_same_page() -> None:
    for name in ("news", "docs", "forum"):
        (whole, first), (part, again) = (
            embed_article(page, "Title", ["One.", "Two."], random.Random(7))
            for page in (host(name), host_page(host(name)))
        )
        assert first == again
        assert [(b.tag, b.text, b.path) for b in whole.blocks] == [(b.tag, b.text, b.path) for b in part.blocks]


def test_other_articles_stand_below_their_own_titles_and_do_not_move_the_answer() -> None:
    paragraphs = [f"Paragraph {k}." for k in range(40)]
    others = [("Other", ["Beside it.", "And more."]), (None, ["Untitled."])]
    examples = [
        make_question(("Own", paragraphs), "Why?", {3, 20}, [host()], random.Random(i), others=others)
        for i in range(20)
    ]
    places = set()
    for example in filter(None, examples):
        blocks = example.page.blocks
        assert [blocks[i - 1].text for i in example.gold] == ["Paragraph 3.", "Paragraph 20."]
        tags = {block.text: block.tag for block in blocks}
        assert {tags["Own"], tags["Other"]} <= {"h1", "h2"}
        assert {"Beside it.", "And more.", "Untitled."} <= set(tags)
        assert sum(block.tag == "h1" for block in blocks) <= 1
        places.add(next(text for text in tags if text in ("Own", "Other")))
    assert places == {"Own", "Other"}  # neither always stands first


def test_an_article_with_tags_is_laid_whole() -> None:
    texts = ["First"] + ["Text."] * 30 + ["Second", "Answer."]
    tags = ["h2"] + ["p"] * 30 + ["h2", "p"]
    example = make_question((None, texts), "Why?", {32}, [host()], random.Random(0), tags)
    assert example is not None
    laid = [block for block in example.page.blocks if block.text in texts]
    assert [(block.tag, block.text) for block in laid] == list(zip(tags, texts, strict=True))
    assert [example.page.blocks[i - 1].text for i in example.gold] == ["Answer."]
    assert example.page.title == ""


def test_gold_blocks_of_a_question_hold_its_relevant_paragraphs() -> None:
    rows = [row(i) for i in range(20)]
    examples = list(qe_examples(rows, [host(), host("docs")], seed=1, na_share=0.5))
    assert len(examples) > 8
    for example in examples:
        texts = [example.page.blocks[i - 1].text for i in example.gold]
        if texts:
            i = int(example.id.removeprefix("q"))
            assert example.page.query == f"What is {i}?"
            assert texts == [f"Paragraph {k} of article {i}." for k in sorted({3, 30 - i})]
    answered = sum(bool(example.gold) for example in examples)
    assert 0 < answered < len(examples)  # some questions belong to another article


def test_the_same_seed_lays_the_same_pages() -> None:
    rows = [row(i) for i in range(8)]
    assert list(qe_examples(rows, [host()], seed=3)) == list(qe_examples(rows, [host()], seed=3))
    assert list(qe_examples(rows, [host()], seed=3)) != list(qe_examples(rows, [host()], seed=4))


def test_main_content_rows_become_examples_with_gold_blocks() -> None:
    source = {"id": "a", "source": "s", "url": None, "page_type": None, "lang": "en", "gold_text": "Hello there friend"}
    pages = [source | {"html": "<p>Menu</p><p>Hello there friend</p>"}, source | {"html": ""}]
    (example,) = me_examples(pages)
    assert (example.gold, example.id, example.kind) == ((2,), "a", "en")


def test_a_row_with_a_query_asks_for_its_gold_text() -> None:
    row = {"id": "a", "source": "s", "url": "", "page_type": "", "lang": "en", "query": "Who  greets?"}
    page = b"<p>Menu and more</p><p>Hello there friend</p>"
    (example,) = me_examples([row | {"html": page, "gold_text": "Hello there friend"}])
    assert (example.page.query, example.gold) == ("Who greets?", (2,))


def test_lines_of_json_are_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"a": 1, "b": "é"}\n\n{"a": 2}\n', "utf-8")
    assert read_rows(path, lambda row: row["a"] > 1) == [{"a": 2}]
    assert list(stream_rows(path, ["b"])) == [{"b": "é"}, {}]
    path.write_text('{"a": 1}\n[]\n')
    with pytest.raises(IndexLMError, match=r"rows\.jsonl:2 cannot be read as JSONL: a line is an object; found list"):
        read_rows(path)


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_text("no")
    with pytest.raises(IndexLMError, match=r"x\.parquet cannot be read as Parquet"):
        read_rows(tmp_path / "x.parquet")
    with pytest.raises(IndexLMError, match=r"y\.parquet"):
        read_rows(tmp_path / "y.parquet")


def test_an_excerpt_holds_the_answers_or_nothing_of_them() -> None:
    """It runs from the first block that answers to the last, with a few on either side; the text is as it was."""
    example = Example(golden_page("docs", query="How long is the delay?"), (14, 17))
    answers = [example.page.blocks[i - 1].text for i in example.gold]
    texts = [block.text for block in example.page.blocks]
    sizes, taken = set(), 0
    for seed in range(60):
        short = crop(example, random.Random(seed))
        part = [block.text for block in short.page.blocks]
        assert [block.index for block in short.page.blocks] == list(range(1, len(part) + 1))
        assert [part[i - 1] for i in short.gold] == (answers if short.gold else [])
        assert bool(set(answers) & set(part)) == bool(short.gold)
        if short.gold:
            assert any(part == texts[start : start + len(part)] for start in range(len(texts)))
            sizes.add(len(part))
        taken += not short.gold
    assert min(sizes) < 8 < 14 < max(sizes)
    assert 2 < taken < 20
    unanswered = crop(Example(example.page, ()), random.Random(0))
    assert not unanswered.gold
    assert max(example.page.blocks, key=lambda block: block.chars).text in unanswered.page.text


def test_a_short_page_holds_the_beginning_of_the_content_and_its_gold_blocks() -> None:
    page = golden_page("listing")
    blocks = tuple(replace(b, index=i, text=f"{b.text} {i}") for i, b in enumerate([*page.blocks] * 4, 1))
    example = Example(replace(page, blocks=blocks), (12, 13, 40))
    lengths = set()
    for seed in range(40):
        short = shorten(example, random.Random(seed))
        assert short is not None
        texts = [block.text for block in short.page.blocks]
        assert [block.index for block in short.page.blocks] == list(range(1, len(texts) + 1))
        assert blocks[11].text in texts
        wanted = {blocks[i - 1].text for i in example.gold}
        assert [texts[i - 1] for i in short.gold] == [text for text in texts if text in wanted]
        assert short.text == "\n".join(texts[i - 1] for i in short.gold)
        lengths.add(len(texts))
    assert max(lengths) <= 40
    assert min(lengths) < 15
    assert shorten(host(), random.Random(0)) is None or len(host().page.blocks) > 40
    assert shorten(replace(example, gold=()), random.Random(0)) is None
