"""How well the F1 that a head expects of a page predicts the F1 that it reaches."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from eval.score import Predictions, score

_BOUNDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


def measure_confidence(predictions: Predictions, min_expected_f1: float = 0.8) -> dict[str, Any]:
    """Predictions on disk -> by system how its expected F1 and its main metric agree.

    pages, without: pages, and those of them without an expected F1 (nothing kept of main content, or none known).
    mean_expected, mean: the means of both over the other pages. spearman: their rank correlation.
    buckets: by the range of the expected F1 (low, high): pages, mean expected F1, mean metric.
    review: the rule of `Extraction.needs_review`: the share of pages below `min_expected_f1`, and the mean of the
        metric over these and over the others.
    """
    report = score(*predictions)
    result = {}
    for name, rows in predictions.systems.items():
        values = report["values"].get(name, [])
        expected = [rows[case["id"]]["expected_f1"] if case["id"] in rows else None for case in predictions.cases]
        if any(value is not None for value in expected):
            result[name] = _agreement(expected, values, min_expected_f1)
    return result


def _agreement(expected: Sequence[float | None], values: Sequence[float], limit: float) -> dict[str, Any]:
    pairs = np.array([(e, v) for e, v in zip(expected, values, strict=True) if e is not None])
    below = np.array([e is None or e < limit for e in expected])
    metric = np.array(values)
    buckets = []
    for low, high in pairwise(_BOUNDS):
        inside = pairs[(pairs[:, 0] >= low) & ((pairs[:, 0] < high) | (high == 1.0))]
        if len(inside):
            means = inside.mean(axis=0)
            buckets.append({"range": [low, high], "pages": len(inside), "expected": means[0], "mean": means[1]})
    return {
        "pages": len(values),
        "without": len(values) - len(pairs),
        "mean_expected": pairs[:, 0].mean(),
        "mean": pairs[:, 1].mean(),
        "spearman": np.corrcoef(_ranks(pairs[:, 0]), _ranks(pairs[:, 1]))[0, 1],
        "buckets": buckets,
        "review": {
            "min_expected_f1": limit,
            "share": below.mean(),
            "mean_below": metric[below].mean() if below.any() else None,
            "mean_others": metric[~below].mean() if (~below).any() else None,
        },
    }


def _ranks(values: Any) -> Any:
    """Values -> their ranks; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]
