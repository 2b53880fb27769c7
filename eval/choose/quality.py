"""How good the answers of modes are: with references, by agreement, and as shipped measurements predict it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eval.cases import Case
from eval.metrics import PRF, block_prf, word_prf
from eval.predict import Row

METRICS = {"me": "word F1", "qe": "block F1"}
PREDICTED = "predicted "
"""Stands before a metric that shipped measurements predict."""

_DRAWS = 2000
_SEED = 0


@dataclass(frozen=True, slots=True)
class Quality:
    """A metric on pages: their values, what each page weighs (sum 1), and the values of recall.

    metric: its name, with `PREDICTED` before it where the pages are not the user's.
    """

    metric: str
    values: tuple[float, ...]
    weights: tuple[float, ...]
    recalls: tuple[float, ...] = ()

    @property
    def mean(self) -> float:
        return float(np.dot(self.values, self.weights))

    @property
    def recall(self) -> float | None:
        return float(np.dot(self.recalls, self.weights)) if self.recalls else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % bootstrap interval of the mean."""
        return _interval(self.values, self.weights)


def _interval(values: Sequence[float], weights: Sequence[float]) -> tuple[float, float]:
    array, weight = np.asarray(values, float), np.asarray(weights, float)
    draws = np.random.default_rng(_SEED).integers(len(array), size=(_DRAWS, len(array)))
    means = (array * weight)[draws].sum(axis=1) / np.maximum(weight[draws].sum(axis=1), 1e-12)
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


def difference(a: Quality, b: Quality) -> tuple[float, float, float]:
    """Two qualities on the same pages -> the mean of a - b, and its 95 % interval by pairs."""
    low, high = _interval(np.subtract(a.values, b.values).tolist(), a.weights)
    return a.mean - b.mean, low, high


def score_rows(cases: Sequence[Case], rows: Mapping[str, Row]) -> Quality | None:
    """Cases with references and the answers to them -> the quality; an error is a full miss. None for no cases."""
    if not cases:
        return None
    scores = [_score(case, rows[case.id]) for case in cases]
    weights = (1 / len(cases),) * len(cases)
    f1, recalls = tuple(score[2] for score in scores), tuple(score[1] for score in scores)
    return Quality(METRICS[cases[0].task], f1, weights, recalls)


def _score(case: Case, row: Row) -> PRF:
    if row["error"]:
        return (0.0, 0.0, 0.0)
    return word_prf(row["text"], case.text) if case.task == "me" else block_prf(row["indices"] or (), case.gold)


def agreement(task: str, rows: Mapping[str, Row], careful: Mapping[str, Row]) -> float:
    """The answers of a mode and of the most careful one -> the mean F1 of the first against the second."""
    scores = []
    for id in rows.keys() & careful.keys():
        a, b = rows[id], careful[id]
        by_task = word_prf(a["text"], b["text"]) if task == "me" else block_prf(a["indices"] or (), b["indices"] or ())
        scores.append(0.0 if a["error"] else by_task[2])
    return float(np.mean(scores)) if scores else 0.0


def expected_f1(rows: Mapping[str, Row]) -> float | None:
    """The answers of a mode -> the mean F1 that it expects of them itself; None where it expects none."""
    values: list[Any] = [row["expected_f1"] for row in rows.values() if row.get("expected_f1") is not None]
    return float(np.mean(values)) if values else None
