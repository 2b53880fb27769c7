"""Retrieval baselines for questions: which blocks of a page are most like the query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from indexlm.page import Page, Prediction
from indexlm.text import words

__all__ = ["bm25", "bm25_scores", "choose", "embedding", "tune"]

Predictor = Callable[[Sequence[Page]], list[Prediction]]


def choose(scores: Sequence[float], threshold: float, top: int) -> tuple[int, ...]:
    """Scores -> the 1-based indices of the `top` best of those that reach `threshold` and are not 0."""
    order = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)[:top]
    return tuple(sorted(i + 1 for i in order if scores[i] > 0 and scores[i] >= threshold))


def bm25_scores(page: Page) -> list[float]:
    """BM25 (bm25s, Lucene's variant) of a page's blocks for its query: words, or pairs of unspaced characters."""
    import bm25s

    query, blocks = _terms(page.query), [_terms(block.text) for block in page.blocks]
    if not query or not any(blocks):
        return [0.0] * len(blocks)
    retriever = bm25s.BM25()
    retriever.index(blocks, show_progress=False)
    found: Any = retriever.get_scores(query)
    return [float(score) for score in found]


def bm25(threshold: float, top: int) -> Predictor:
    """The `top` blocks that BM25 scores best, of those that reach `threshold`."""
    import bm25s  # noqa: F401  # where it is missing, that is told before the first page

    return lambda pages: [Prediction(choose(found, threshold, top), tuple(found)) for found in map(bm25_scores, pages)]


def tune(
    scores: Sequence[Sequence[float]],
    golds: Sequence[Sequence[int]],
    score: Callable[[Sequence[int], Sequence[int]], float],
) -> dict[str, float]:
    """Scores and gold indices of pages -> the threshold (a quantile of best scores) and `top` (1 to 4) that do best."""
    bests = sorted(max(found, default=0.0) for found in scores)
    thresholds = [0.0, *(bests[int(q / 40 * (len(bests) - 1))] for q in range(40))]
    tried = {
        (threshold, top): float(
            np.mean([score(choose(found, threshold, top), gold) for found, gold in zip(scores, golds, strict=True)])
        )
        for threshold in thresholds
        for top in range(1, 5)
    }
    threshold, top = max(tried, key=tried.__getitem__)
    return {"threshold": int(100 * threshold) / 100, "top": top, "score": tried[threshold, top], "pages": len(scores)}


def _terms(text: str) -> list[str]:
    found = words(text)
    pairs = [a + b for a, b in pairwise(found) if len(a) == len(b) == 1 and not a.isascii()]
    return [word for word in found if len(word) > 1 or word.isascii()] + pairs


def embedding(model: str, threshold: float, top: int) -> Predictor:
    """Cosine similarity of sentence-transformers embeddings of the query and each block."""
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(model)

    def scores(page: Page) -> list[float]:
        vectors = encoder.encode(
            [page.query, *(block.text for block in page.blocks)], normalize_embeddings=True, show_progress_bar=False
        )
        return [float(value) for value in np.asarray(vectors[1:]) @ np.asarray(vectors[0])]

    return lambda pages: [Prediction(choose(found, threshold, top), tuple(found)) for found in map(scores, pages)]
