"""From calibrated probabilities to the blocks to keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import exp, log, prod

_NO_GAIN = 0.99  # of the greatest share so far: no block of a lower probability, and none behind it, makes it greater
MIN_PROBABILITY = 1e-6
"""Probabilities are taken to be no nearer to 0 or 1 than this."""


def probability(log_odds: float) -> float:
    """Log-odds -> probability."""
    return 1 / (1 + exp(-log_odds)) if log_odds > -700 else 0.0


def calibrated(scores: Sequence[float], tree_scores: Sequence[float], calibration: Mapping[str, float]) -> list[float]:
    """A model's raw probabilities and the tree scores of the same blocks -> calibrated probabilities.

    `calibration` is a classifier's (`heads.settings.Settings`). Without tree scores they count nothing.
    """
    tree_scores = tree_scores or [0.5] * len(scores)
    return [
        probability(
            calibration["score_scale"] * log_odds(score)
            + calibration["tree_scale"] * log_odds(tree_score)
            + calibration["shift"]
        )
        for score, tree_score in zip(scores, tree_scores, strict=True)
    ]


def log_odds(p: float) -> float:
    """Probability -> log-odds, of one no nearer to 0 or 1 than `MIN_PROBABILITY`."""
    p = min(max(p, MIN_PROBABILITY), 1 - MIN_PROBABILITY)
    return log(p / (1 - p))


def choose(
    scores: Sequence[float], weights: Sequence[float], min_best_score: float, beta: float = 1.0
) -> tuple[int, ...]:
    """Calibrated probabilities -> the indices of `maximize_expected_f`; none where all are below `min_best_score`."""
    if max(scores, default=0.0) < min_best_score:
        return ()
    return maximize_expected_f(scores, weights, beta)[0]


def maximize_expected_f(
    scores: Sequence[float], weights: Sequence[float], beta: float = 1.0
) -> tuple[tuple[int, ...], float]:
    """Calibrated probabilities -> the 1-based indices with the greatest expected F-beta, and that value.

    A block counts by its weight, and recall by `beta` against precision. In order of probability, as many blocks are
    kept as make (1 + beta^2) E[tp] / (beta^2 E[gold] + kept) greatest. A page of clear blocks loses its doubtful ones;
    a page of doubtful blocks keeps them.
    """
    order = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
    gold = beta * beta * sum(p * w for p, w in zip(scores, weights, strict=True))
    highest = true_positives = kept_weight = 0.0
    count = 0
    for n, i in enumerate(order, 1):
        score, weight = scores[i], weights[i]
        if score < _NO_GAIN * highest:
            break
        true_positives += score * weight
        kept_weight += weight
        share = true_positives / (gold + kept_weight)
        if share > highest:
            highest, count = share, n
    return tuple(sorted(i + 1 for i in order[:count])), (1 + beta * beta) * highest


def expected_f1(
    scores: Sequence[float], weights: Sequence[float], kept: Iterable[int], may_be_empty: bool = False
) -> float | None:
    """Calibrated probabilities and the kept blocks (1-based) -> their expected F1.

    Where nothing is kept, None; of an answer that `may_be_empty`, the probability that no block is one.
    """
    places = [index - 1 for index in kept]
    if not places:
        return prod(1 - score for score in scores) if may_be_empty else None
    true_positives = sum(scores[i] * weights[i] for i in places)
    gold = sum(p * w for p, w in zip(scores, weights, strict=True))
    return 2 * true_positives / (gold + sum(weights[i] for i in places))
