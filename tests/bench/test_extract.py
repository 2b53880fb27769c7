"""The cost of an extraction, by stage: `make bench` (skipped in the default suite, which asserts no times)."""

from __future__ import annotations

from typing import Any

import pytest

from heads import HEADS, open_head
from heads.cascade import plan
from heads.encoding import Window, encode
from indexlm import read_page
from indexlm.models import shipped
from indexlm.output.markdown import to_markdown
from tests.conftest import golden_html

# A page of 13 to 230 blocks: the golden documentation page's content, repeated.
LENGTHS = [1, 5, 10]


def long_html(times: int) -> bytes:
    head, body, tail = golden_html("docs").partition(b'<div class="document" role="main">')
    content, closing, footer = tail.partition(b'<div class="footer">')
    return head + body + content * times + closing + footer


@pytest.mark.parametrize("times", LENGTHS)
def test_parse(benchmark: Any, times: int) -> None:
    html = long_html(times)
    page = benchmark(read_page, html)
    benchmark.extra_info |= {"blocks": len(page.blocks), "bytes": len(html)}


@pytest.mark.parametrize("times", LENGTHS)
def test_render_and_tokenize(benchmark: Any, times: int) -> None:
    head = open_head(shipped("classifier"))
    page = read_page(long_html(times))

    def read() -> list[Window]:
        cascade = plan(page, head.trees, head.settings.skip_model_min_f1)
        return encode(page, head.tokenizer, head.settings, cascade.tree_scores, cascade.layout)

    windows = benchmark(read)
    benchmark.extra_info |= {"blocks": len(page.blocks), "tokens": sum(len(window.ids) for window in windows)}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("times", LENGTHS)
@pytest.mark.parametrize("name", HEADS)
def test_predict(benchmark: Any, name: str, times: int, threads: int) -> None:
    head = open_head(shipped(name), threads=threads)
    page = read_page(long_html(times))
    (prediction,) = benchmark(head, [page])
    benchmark.extra_info |= {"blocks": len(page.blocks)} | prediction.tokens | prediction.seconds


@pytest.mark.parametrize("times", LENGTHS)
def test_assemble(benchmark: Any, times: int) -> None:
    page = read_page(long_html(times))
    benchmark(to_markdown, page, range(8, len(page.blocks)))
