"""From probabilities to kept blocks."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

__all__ = ["LEAST", "calibrated", "keep", "probability"]

LEAST = 1e-6
"""Probabilities are taken to be no nearer to 0 or 1 than this."""


def probability(log_odds: float) -> float:
    """Log-odds -> probability."""
    return 1 / (1 + exp(-log_odds)) if log_odds > -700 else 0.0


def calibrated(scores: Sequence[float], hints: Sequence[float], scaling: Sequence[float]) -> list[float]:
    """Raw probabilities of blocks, and the trees' of the same blocks -> calibrated ones.

    `scaling` is what the log-odds of both are multiplied with, and a shift: (score, hint, shift). Without hints, theirs
    count nothing.
    """
    score, hint, shift = scaling
    hints = hints or [0.5] * len(scores)
    return [probability(score * _log_odds(s) + hint * _log_odds(h) + shift) for s, h in zip(scores, hints, strict=True)]


def _log_odds(p: float) -> float:
    p = min(max(p, LEAST), 1 - LEAST)
    return log(p / (1 - p))


def keep(scores: Sequence[float], weights: Sequence[float], floor: float) -> tuple[int, ...]:
    """Calibrated probabilities -> the 1-based indices with the greatest expected F1, each block counted by its weight.

    Of the blocks in order of probability, as many are kept as make 2 E[tp] / (E[gold] + kept) greatest: a page
    of sure blocks loses its doubtful ones, a page of doubtful blocks keeps them. None are kept where the best is
    below `floor`.
    """
    if max(scores, default=0.0) < floor:
        return ()
    order = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
    gold = sum(p * w for p, w in zip(scores, weights, strict=True))
    best = hits = kept = 0.0
    count = 0
    for n, i in enumerate(order, 1):
        hits += scores[i] * weights[i]
        kept += weights[i]
        if hits / (gold + kept) > best:
            best, count = hits / (gold + kept), n
    return tuple(sorted(i + 1 for i in order[:count]))
