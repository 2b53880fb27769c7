"""Scores of extracted text and of chosen blocks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

__all__ = ["block_f1", "word_f1"]

_WORD = re.compile(r"\w+")


def word_f1(text: str, gold: str) -> float:
    """WCXB's word F1: the bags of lowercased `\\w+` of two texts; both empty gives 1.

    >>> word_f1("a b b", "b c")
    0.4
    """
    predicted, reference = (Counter(_WORD.findall(t.lower())) for t in (text, gold))
    if not predicted or not reference:
        return float(not predicted and not reference)
    return 2 * (predicted & reference).total() / (predicted.total() + reference.total())


def block_f1(chosen: Collection[int], gold: Collection[int]) -> float:
    """F1 of two sets of block indices; both empty gives 1 (a right NA)."""
    a, b = set(chosen), set(gold)
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 1.0
