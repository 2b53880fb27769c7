"""Properties that hold whatever comes: 200 examples in the suite, as many as `make fuzz` says otherwise."""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from heads import Settings
from heads.selection import choose
from indexlm import Extractor, IndexLMError, read_page
from indexlm.assemble import to_markdown
from indexlm.extraction import FORMATS
from indexlm.intervals import parse_intervals
from indexlm.models import shipped
from tests.conftest import golden_html
from tests.fuzz.strategies import answers, fuzz, json_values, mutated, pages, queries, stop_in_time

TREES = Extractor("trees", threads=1)
CLASSIFIER = Extractor("classifier", threads=1)
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
WORD = re.compile(r"w[0-9]+q")


@fuzz(0.45)
@given(pages())
def test_every_word_of_a_page_is_in_its_blocks_once_and_in_its_markdown(page: tuple[str, list[str]]) -> None:
    stop_in_time()
    html, words = page
    read = read_page(html)
    assert sorted(WORD.findall(read.text)) == sorted(words)
    tokens = READER.parse(to_markdown(read, range(1, len(read.blocks) + 1)))
    inner = [child for token in tokens for child in (token, *(token.children or ()))]
    assert not [token.content for token in inner if token.type in ("html_block", "html_inline")]
    shown = " ".join(token.content for token in inner if token.type in ("text", "code_inline", "code_block", "fence"))
    assert sorted(WORD.findall(shown)) == sorted(words)


@fuzz(0.15)
@given(mutated())
@example(b"")
@example(b"\0" * 100)
def test_whatever_the_bytes_there_is_a_result_or_one_clear_error(data: bytes) -> None:
    stop_in_time()
    try:
        extraction = TREES.extract(data)
    except IndexLMError:
        return
    for format in FORMATS:
        extraction.render(format, title=True)
    limit = 30 * len(data) + (1 << 20)
    assert len(extraction.markdown) < limit
    assert json.dumps(extraction.json())
    # What is shown is on the page. (Text that scripts or packing hold is not there as it is shown.)
    assert read_page(data).text == extraction.page.text


@fuzz(0.1)
@given(queries, st.sampled_from(["news", "docs", "table"]))
def test_whatever_the_query_the_answer_is_blocks_of_the_page(query: str, name: str) -> None:
    stop_in_time()
    if query and not query.strip():  # white space is refused
        with pytest.raises(IndexLMError, match="at least one word"):
            CLASSIFIER.extract(golden_html(name), query=query)
        return
    extraction = CLASSIFIER.extract(golden_html(name), query=query)
    assert set(extraction.indices) <= set(range(1, len(extraction.page.blocks) + 1))
    assert extraction.indices == CLASSIFIER.extract(golden_html(name), query=query).indices


@fuzz(0.15)
@given(answers, st.integers(0, 40))
def test_whatever_a_model_writes_is_read_as_lines_of_the_window(answer: str, lines: int) -> None:
    stop_in_time()
    for interval in parse_intervals(answer, lines).intervals:
        assert 1 <= interval.start <= interval.end <= lines


@fuzz(0.05)
@given(st.lists(st.floats(0, 1), max_size=30))
def test_whatever_the_scores_blocks_of_the_page_are_chosen(scores: list[float]) -> None:
    stop_in_time()
    chosen = choose(scores, [1] * len(scores), 0.1)
    assert list(chosen) == sorted({*chosen})
    assert all(scores[i - 1] > 0 or math.isclose(scores[i - 1], 0) for i in chosen)


CONFIG: dict[str, Any] = json.loads((shipped("classifier") / "config.json").read_text("utf-8"))


@fuzz(0.1)
@given(st.sampled_from(["", *CONFIG["indexlm"]]), st.sampled_from(sorted(CONFIG)), json_values)
def test_whatever_a_config_says_it_is_read_or_refused_in_one_sentence(key: str, outer: str, value: Any) -> None:
    stop_in_time()
    inner = {**CONFIG, "indexlm": {**CONFIG["indexlm"], key: value}}
    for config in (inner, {**CONFIG, outer: value}, {"model_type": "qwen3", "indexlm": value}):
        with suppress(IndexLMError):
            Settings.from_config(config, "here")
