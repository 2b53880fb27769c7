"""What type a page is, told by the features of the trees."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from heads.tree_features import features
from indexlm.page import Page

if TYPE_CHECKING:
    from numpy.typing import NDArray

TYPES = ("article", "collection", "documentation", "forum", "listing", "product", "service")
"""The page types of WCXB."""

_QUANTILES = (0.1, 0.5, 0.9)


def page_features(page: Page) -> NDArray[np.float64]:
    """A page with blocks -> the means over its blocks of the trees' columns, and three quantiles of each."""
    table = features(page).astype(float)
    return np.concatenate([table.mean(axis=0), np.quantile(table, _QUANTILES, axis=0).ravel()])


@cache
def _model() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Means and scales of the features, weights (types, features), and a bias a type."""
    data = json.loads(files("eval.choose").joinpath("page_types.json").read_text("utf-8"))
    mean, scale, weights, bias = (np.asarray(data[name], float) for name in ("mean", "scale", "weights", "bias"))
    return mean, scale, weights, bias


def type_probabilities(page: Page) -> NDArray[np.float64]:
    """A page with blocks -> the probability of each of `TYPES`: multinomial logistic regression."""
    mean, scale, weights, bias = _model()
    logits = weights @ np.clip((page_features(page) - mean) / scale, -5, 5) + bias
    odds = np.exp(logits - logits.max())
    return np.asarray(odds / odds.sum())


def mix_of(pages: Iterable[Page]) -> dict[str, float]:
    """Pages -> the share of each type among them: the means of their probabilities."""
    table = np.array([type_probabilities(page) for page in pages if page.blocks])
    return dict(zip(TYPES, table.mean(axis=0).round(4).tolist(), strict=True))
