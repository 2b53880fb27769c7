"""From probabilities to kept blocks, and what of a page is left to the trees."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from math import exp, log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from indexlm.figures import Figures, measure
from indexlm.page import Page

if TYPE_CHECKING:
    from heads.encoding import Window
    from heads.trees import Prior

__all__ = ["LEAST", "Outlook", "best", "calibrated", "keep", "look", "probability", "unsure", "with_answers"]

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
    """Calibrated probabilities -> what `best` keeps; nothing where the highest of them is below `floor`."""
    return best(scores, weights)[0] if max(scores, default=0.0) >= floor else ()


def best(scores: Sequence[float], weights: Sequence[float]) -> tuple[tuple[int, ...], float]:
    """Calibrated probabilities -> the 1-based indices with the greatest expected F1, and that F1.

    Each block counts by its weight. Of the blocks in order of probability, as many are kept as make
    2 E[tp] / (E[gold] + kept) greatest: a page of sure blocks loses its doubtful ones, a page of doubtful blocks keeps
    them.
    """
    order = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
    gold = sum(p * w for p, w in zip(scores, weights, strict=True))
    highest = hits = kept = 0.0
    count = 0
    for n, i in enumerate(order, 1):
        hits += scores[i] * weights[i]
        kept += weights[i]
        if hits / (gold + kept) > highest:
            highest, count = hits / (gold + kept), n
    return tuple(sorted(i + 1 for i in order[:count])), 2 * highest


def with_answers(page: Page, indices: Sequence[int]) -> tuple[int, ...]:
    """Blocks kept for a query -> these, and the first block below each kept heading of a section with no other.

    A heading that asks the same, or names what is asked for, is answered by what stands below it.
    """
    kept = set(indices)
    for i in indices:
        if page.blocks[i - 1].is_heading:
            section = [block.index for block in takewhile(lambda block: not block.is_heading, page.blocks[i:])]
            kept.update(section[:1] if kept.isdisjoint(section) else ())
    return tuple(sorted(kept))


class Outlook(NamedTuple):
    """What is known of a page before a model reads it: its figures, the trees' hints, which blocks these alone would
    keep as main content (None where they are not asked), and whether that suffices."""

    figures: Figures | None = None
    hints: list[float] | None = None
    kept: tuple[int, ...] | None = None
    suffices: bool = False


def look(page: Page, prior: Prior | None, enough: float) -> Outlook:
    """A page and its trees -> its outlook. Main content is left to the trees where they expect an F1 (in words, of what
    they are likely to keep) of at least `enough`; a query never is."""
    if prior is None or not page.blocks:
        return Outlook()
    figures = measure(page)
    hints = prior(page, figures)
    if page.query:
        return Outlook(figures, hints)
    kept, expected = best(hints, figures.words)
    return Outlook(figures, hints, kept, expected >= enough)


def unsure(windows: Sequence[Window], outlook: Outlook, share: float) -> list[Window]:
    """Windows of a page -> those that a model should read.

    The others are left to the trees, as many as cost, by their own word, at most `share` of the page's F1: words that
    they get wrong, over the sum of those that are kept and those that should be. All are read where the trees are not
    asked.
    """
    figures, hints, kept, _ = outlook
    if not share or figures is None or hints is None or kept is None:
        return list(windows)
    words, said, keeps = np.array(figures.words), np.array(hints), np.zeros(len(hints), np.bool_)
    keeps[np.array(kept, np.int64) - 1] = True
    wrong = np.concatenate([[0.0], np.cumsum(words * np.where(keeps, 1 - said, said))])
    room = share * float((words * said).sum() + words[keeps].sum())
    found = set()
    for i in sorted(range(len(windows)), key=lambda i: wrong[windows[i].bounds[-1]] - wrong[windows[i].bounds[0]]):
        room -= float(wrong[windows[i].bounds[-1]] - wrong[windows[i].bounds[0]])
        if room < 0:
            found.add(i)
    return [windows[i] for i in sorted(found)]
