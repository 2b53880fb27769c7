"""Scoring an extractor on examples. It is handed callables and knows nothing of heads."""

from __future__ import annotations

import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import Any

from eval.metrics import block_f1, word_f1
from indexlm.align import align
from indexlm.assemble import to_text
from indexlm.page import Example, Page, Prediction
from indexlm.segment import read_page

__all__ = ["interval", "score_me", "score_qe", "score_segmenter"]

Extractor = Callable[[Sequence[Page]], list[Prediction]]


def interval(values: Sequence[float], seed: int = 0, draws: int = 2000) -> tuple[float, float]:
    """Values -> the 95 % bootstrap interval of their mean (percentiles, seeded)."""
    rng = random.Random(seed)
    means = sorted(statistics.fmean(rng.choices(values, k=len(values))) for _ in range(draws))
    return means[int(0.025 * draws)], means[int(0.975 * draws) - 1]


def score_segmenter(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """ME rows -> what the segmenter costs and loses: the word F1 of the gold blocks, and of all blocks."""
    oracle, everything, blocks, seconds = [], [], [], []
    for row in rows:
        html = row["html"].encode("utf-8", "replace")
        began = perf_counter()
        page = read_page(html, url=row["url"] or "")
        seconds.append(perf_counter() - began)
        oracle.append(word_f1(to_text(page, align(page, row["gold_text"])), row["gold_text"]))
        everything.append(word_f1(page.text, row["gold_text"]))
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


def _run(extractor: Extractor, examples: Sequence[Example]) -> tuple[list[Prediction], float]:
    began = perf_counter()
    predictions = [extractor([example.page])[0] for example in examples]
    return predictions, (perf_counter() - began) / len(examples)


def score_me(extractor: Extractor, examples: Sequence[Example]) -> dict[str, Any]:
    """Main content examples -> mean word F1 of the kept text, over all pages and by kind."""
    predictions, seconds = _run(extractor, examples)
    by_kind: defaultdict[str, list[float]] = defaultdict(list)
    scores = []
    for example, prediction in zip(examples, predictions, strict=True):
        scores.append(word_f1(to_text(example.page, prediction.indices), example.text))
        by_kind[example.kind].append(scores[-1])
    return {
        "pages": len(scores),
        "word_f1": statistics.fmean(scores),
        "interval": interval(scores),
        "by_kind": {kind: (len(values), statistics.fmean(values)) for kind, values in sorted(by_kind.items())},
        "errors": sum(bool(prediction.error) for prediction in predictions),
        "ms_per_page": 1000 * seconds,
    }


def score_qe(extractor: Extractor, examples: Sequence[Example]) -> dict[str, Any]:
    """Question examples -> mean block F1, the same by language, and how often NA is said where it is right."""
    predictions, seconds = _run(extractor, examples)
    by_kind: defaultdict[str, list[float]] = defaultdict(list)
    scores = []
    empty: list[bool] = []  # whether nothing was kept, on the pages where nothing should be
    answered: list[bool] = []  # whether something was kept, on the others
    for example, prediction in zip(examples, predictions, strict=True):
        scores.append(block_f1(prediction.indices, example.gold))
        by_kind[example.kind].append(scores[-1])
        (answered if example.gold else empty).append(bool(prediction.indices) == bool(example.gold))
    return {
        "pages": len(scores),
        "block_f1": statistics.fmean(scores),
        "interval": interval(scores),
        "na_accuracy": statistics.fmean([*empty, *answered]),
        "na_recall": statistics.fmean(empty) if empty else None,
        "by_kind": {kind: (len(values), statistics.fmean(values)) for kind, values in sorted(by_kind.items())},
        "errors": sum(bool(prediction.error) for prediction in predictions),
        "ms_per_page": 1000 * seconds,
    }
