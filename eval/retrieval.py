"""Retrieval baselines for questions: the blocks of a page that are most similar to the query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from eval.metrics import block_prf
from indexlm.page import Page, Prediction
from indexlm.text import words

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
    return [float(score) for score in retriever.get_scores(query)]


def bm25(threshold: float, top: int) -> Predictor:
    """A predictor that keeps the `top` blocks with the best BM25 scores, of those that reach `threshold`."""
    import bm25s  # noqa: F401  # fails now where it is not installed, not at the first page

    return lambda pages: [_prediction(bm25_scores(page), threshold, top) for page in pages]


def tune(scores: Sequence[Sequence[float]], golds: Sequence[Sequence[int]]) -> dict[str, float]:
    """Scores and gold blocks of pages -> the threshold and `top` (1 to 4) with the best mean block F1.

    Thresholds are quantiles of the pages' best scores.
    """
    bests = sorted(max(of_page, default=0.0) for of_page in scores)
    thresholds = [0.0, *(bests[int(q / 40 * (len(bests) - 1))] for q in range(40))]

    def mean_f1(threshold: float, top: int) -> float:
        pages = zip(scores, golds, strict=True)
        return float(np.mean([block_prf(choose(of_page, threshold, top), gold)[2] for of_page, gold in pages]))

    f1 = {(threshold, top): mean_f1(threshold, top) for threshold in thresholds for top in range(1, 5)}
    threshold, top = max(f1, key=f1.__getitem__)
    return {"threshold": int(100 * threshold) / 100, "top": top, "score": f1[threshold, top], "pages": len(scores)}


def _terms(text: str) -> list[str]:
    """A text -> its words; characters of scripts without spaces as pairs."""
    all_words = words(text)
    pairs = [a + b for a, b in pairwise(all_words) if len(a) == len(b) == 1 and not a.isascii()]
    return [word for word in all_words if len(word) > 1 or word.isascii()] + pairs


def embedding(model: str, threshold: float, top: int) -> Predictor:
    """A predictor by the cosine similarity of sentence-transformers embeddings of the query and each block."""
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(model)

    def scores(page: Page) -> list[float]:
        texts = [page.query, *(block.text for block in page.blocks)]
        vectors = encoder.encode(texts, normalize_embeddings=True, show_progress_bar=False)
        return [float(value) for value in np.asarray(vectors[1:]) @ np.asarray(vectors[0])]

    return lambda pages: [_prediction(scores(page), threshold, top) for page in pages]


def _prediction(scores: Sequence[float], threshold: float, top: int) -> Prediction:
    return Prediction(choose(scores, threshold, top), tuple(scores))
