"""Scores of extracted text, of chosen blocks, and of probabilities."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from indexlm.text import words

_WORD = re.compile(r"\w+")

PRF = tuple[float, float, float]
"""Precision, recall, F1."""


def word_prf(text: str, gold: str) -> PRF:
    """WCXB's word scores: the bags of lowercased `\\w+` of two texts; both empty gives 1.

    >>> word_prf("a b b", "b c")[2]
    0.4
    """
    predicted, reference = (Counter(_WORD.findall(t.lower())) for t in (text, gold))
    return _prf((predicted & reference).total(), predicted.total(), reference.total())


def block_prf(chosen: Collection[int], gold: Collection[int]) -> PRF:
    """Scores of two sets of block indices; both empty gives 1 (a right NA)."""
    a, b = set(chosen), set(gold)
    return _prf(len(a & b), len(a), len(b))


def _prf(shared: float, predicted: float, reference: float) -> PRF:
    if not predicted or not reference:
        return (float(not predicted and not reference),) * 3
    return shared / predicted, shared / reference, 2 * shared / (predicted + reference)


class Counts(NamedTuple):
    """True and false positives and false negatives of one page, as shares of their sum."""

    tp: float
    fp: float
    fn: float


def shingle_counts(text: str, gold: str, size: int = 4) -> Counts:
    """The bags of `size`-grams of `\\w+` (case kept) of two texts; a shorter text is one shingle.

    As article-extraction-benchmark defines them (scrapinghub, `evaluate.py`). They are normalised: a long page weighs
    no more than a short one.
    """
    predicted, reference = _shingles(text, size), _shingles(gold, size)
    shared = (predicted & reference).total()
    missing, wrong = reference.total() - shared, predicted.total() - shared
    total = shared + wrong + missing or 1
    return Counts(shared / total, wrong / total, missing / total)


def shingle_prf(pages: Sequence[Counts]) -> PRF:
    """Macro precision over the pages with a prediction, macro recall over those with a reference, and their F1."""
    precisions = [c.tp / (c.tp + c.fp) for c in pages if c.tp + c.fp > 0]
    recalls = [c.tp / (c.tp + c.fn) for c in pages if c.tp + c.fn > 0]
    if not precisions or not recalls:
        return (float(not precisions and not recalls),) * 3
    precision, recall = float(np.mean(precisions)), float(np.mean(recalls))
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _shingles(text: str, size: int) -> Counter[tuple[str, ...]]:
    tokens = _WORD.findall(text)
    return Counter(tuple(tokens[i : i + size]) for i in range(max(1, len(tokens) - size + 1)) if tokens)


def rouge_l(text: str, gold: str) -> float:
    """ROUGE-L F1: the longest common subsequence of the lowercased words (rapidfuzz); both empty gives 1."""
    from rapidfuzz.distance import LCSseq

    predicted, reference = (_WORD.findall(t.lower()) for t in (text, gold))
    return _prf(LCSseq.similarity(predicted, reference), len(predicted), len(reference))[2]


def snippet_rates(text: str, wanted: Sequence[str], unwanted: Sequence[str]) -> tuple[int, int, int, int]:
    """A text -> (wanted snippets in it, wanted snippets, unwanted snippets in it, unwanted snippets).

    Snippets are compared as lowercased words (characters in scripts without spaces): white space and punctuation do not
    matter. A snippet without words is compared as it is.
    """
    spaced = _spaced(text)

    def count(snippets: Sequence[str]) -> int:
        return sum(_spaced(s) in spaced if words(s) else s in text for s in snippets)

    return count(wanted), len(wanted), count(unwanted), len(unwanted)


def _spaced(text: str) -> str:
    return f" {' '.join(words(text))} "


def reciprocal_rank(scores: Sequence[float], gold: Collection[int]) -> float:
    """1 over the rank of the best-scored gold block (indices are 1-based); ties count against it."""
    best = max(scores[i - 1] for i in gold)
    return 1 / (sum(score >= best for i, score in enumerate(scores, 1) if i not in set(gold)) + 1)


def average_precision(scores: Sequence[float], gold: Collection[int]) -> float:
    """Average precision of the scores (scikit-learn's definition) for one page with at least one gold block."""
    from sklearn.metrics import average_precision_score

    truth = [i in set(gold) for i in range(1, len(scores) + 1)]
    return float(average_precision_score(truth, scores))


def brier(scores: Sequence[float], truth: Sequence[bool]) -> float:
    """The Brier score: the mean squared difference between probability and truth."""
    return float(np.mean((np.asarray(scores) - np.asarray(truth, float)) ** 2))


def reliability(scores: Sequence[float], truth: Sequence[bool], bins: int = 10) -> list[tuple[int, float, float]]:
    """Probabilities in bins of equal width -> of each that is not empty: their number, mean, and share of true ones."""
    probabilities, true = np.asarray(scores), np.asarray(truth, float)
    bin_of = np.minimum((probabilities * bins).astype(int), bins - 1)
    members = [bin_of == i for i in range(bins)]
    return [(int(m.sum()), float(probabilities[m].mean()), float(true[m].mean())) for m in members if m.any()]


def calibration_error(scores: Sequence[float], truth: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error: the mean distance of probability and share of true ones, bins weighted by size."""
    weighted = (count * abs(mean - share) for count, mean, share in reliability(scores, truth, bins))
    return sum(weighted) / (len(scores) or 1)
