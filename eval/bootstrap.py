"""Bootstrap intervals, and paired differences between systems. All draws are seeded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Interval = tuple[float, float]

_DRAWS = 2000
_SEED = 0
_EPSILON = 1e-9


def interval(values: Sequence[float]) -> Interval:
    """Values of pages -> the 95 % bootstrap interval of their mean (percentiles of 2,000 draws)."""
    array = np.asarray(values, float)
    draws = np.random.default_rng(_SEED).integers(len(array), size=(_DRAWS, len(array)))
    low, high = np.percentile(array[draws].mean(axis=1), (2.5, 97.5))
    return float(low), float(high)


def bootstrap(count: int, statistic: Callable[[Sequence[int]], float], draws: int) -> Interval:
    """A statistic of the places (0-based) of `count` items -> its 95 % bootstrap interval (percentiles)."""
    samples = np.random.default_rng(_SEED).integers(count, size=(draws, count))
    low, high = np.percentile([statistic(sample.tolist()) for sample in samples], (2.5, 97.5))
    return float(low), float(high)


def paired(a: Sequence[float], b: Sequence[float]) -> dict[str, Any]:
    """Values of two systems, a and b, on the same pages -> how they differ.

    difference: the mean of a - b.
    interval: its 95 % interval.
    wins, ties, losses: pages on which a is better, equal, worse.
    winner: `a` or `b`; empty where the interval contains 0 (no significant difference).
    """
    difference = np.asarray(a, float) - np.asarray(b, float)
    low, high = interval(difference.tolist())
    return {
        "difference": float(difference.mean()),
        "interval": (low, high),
        "wins": int((difference > _EPSILON).sum()),
        "ties": int((np.abs(difference) <= _EPSILON).sum()),
        "losses": int((difference < -_EPSILON).sum()),
        "winner": "a" if low > 0 else "b" if high < 0 else "",
    }
