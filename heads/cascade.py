"""What is decided before a model reads a page: by the trees, once, for every head.

The trees score each block of a page. On a page of main content they may decide alone, where they expect a high F1;
on other pages the model may skip the windows that they decide at little cost. With a query, the model reads every
window.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from heads.selection import maximize_expected_f1
from indexlm.layout import Layout, measure_layout
from indexlm.page import Page

if TYPE_CHECKING:
    from heads.encoding import Window
    from heads.trees import TreeScorer


class CascadePlan(NamedTuple):
    """What the trees say of a page. All is empty for a checkpoint without trees.

    tree_scores: of each block the probability that it is main content.
    kept: the blocks (1-based) that the trees alone would keep as main content; None for a query.
    expected_f1: the F1, in words, that the trees expect of `kept`.
    skips_model: whether `kept` is the answer and no model reads the page.
    """

    layout: Layout | None = None
    tree_scores: list[float] | None = None
    kept: tuple[int, ...] | None = None
    expected_f1: float | None = None
    skips_model: bool = False


def plan(page: Page, trees: TreeScorer | None, skip_model_min_f1: float | None) -> CascadePlan:
    """A page and its trees -> what they decide; from an expected F1 of `skip_model_min_f1` on the whole page."""
    if trees is None or not page.blocks:
        return CascadePlan()
    layout = measure_layout(page)
    scores = trees(page, layout)
    if page.query:
        return CascadePlan(layout, scores)
    kept, expected = maximize_expected_f1(scores, layout.words)
    return CascadePlan(layout, scores, kept, expected, skip_model_min_f1 is not None and expected >= skip_model_min_f1)


def windows_to_read(windows: Sequence[Window], cascade: CascadePlan, max_f1_loss: float) -> list[Window]:
    """Windows of a page -> those that a model should read, in order.

    The others are left to the trees: those that cost least by the trees' own scores, together at most `max_f1_loss` of
    the page's F1. The cost of a window is the words that the trees expect to get wrong, over the words that are kept
    and those that should be.
    """
    if not max_f1_loss or cascade.layout is None or cascade.tree_scores is None or cascade.kept is None:
        return list(windows)
    words, scores = np.array(cascade.layout.words), np.array(cascade.tree_scores)
    keeps = np.zeros(len(scores), np.bool_)
    keeps[np.array(cascade.kept, np.int64) - 1] = True
    wrong = np.concatenate([[0.0], np.cumsum(words * np.where(keeps, 1 - scores, scores))])
    costs = [float(wrong[window.bounds[-1]] - wrong[window.bounds[0]]) for window in windows]
    room = max_f1_loss * float((words * scores).sum() + words[keeps].sum())
    read = []
    for i in sorted(range(len(windows)), key=costs.__getitem__):
        room -= costs[i]
        if room < 0:
            read.append(i)
    return [windows[i] for i in sorted(read)]
