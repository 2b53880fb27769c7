"""The cost and the loss of the segmenter, without any head."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from time import perf_counter
from typing import Any

from eval.alignment import align
from eval.bootstrap import interval
from eval.metrics import word_prf
from eval.rows import html_of
from indexlm.html.read import read_page
from indexlm.output.text import to_text


def score_segmenter(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """ME rows -> the word F1 of the gold blocks (the ceiling) and of all blocks, and blocks and milliseconds a page."""
    oracle, everything, blocks, seconds = [], [], [], []
    for row in rows:
        html = html_of(row)
        began = perf_counter()
        page = read_page(html, url=row.get("url") or "")
        seconds.append(perf_counter() - began)
        oracle.append(word_prf(to_text(page, align(page, row["gold_text"])), row["gold_text"])[2])
        everything.append(word_prf(page.text, row["gold_text"])[2])
        blocks.append(len(page.blocks))
    return {
        "pages": len(oracle),
        "oracle_word_f1": statistics.fmean(oracle),
        "oracle_interval": interval(oracle),
        "all_blocks_word_f1": statistics.fmean(everything),
        "median_blocks": statistics.median(blocks),
        "median_ms": 1000 * statistics.median(seconds),
        "mean_ms": 1000 * statistics.fmean(seconds),
    }
