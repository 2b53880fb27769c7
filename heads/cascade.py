"""What the trees decide, for every head: before a model reads a page, and of what it then keeps.

The trees score each block of a page. On a page of main content they may decide alone, where they expect a high F1;
on other pages the model may skip the windows that they decide at little cost. With a query, the model reads every
window. `settle` makes a whole of what a model keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from heads.content.coherence import REPEATED, SHORT_PAGE, coherent
from heads.content.drop.comments import feedback
from heads.content.drop.elements import closed_dialogs, consent
from heads.content.drop.short_pages import surroundings
from heads.content.drop.unnamed_pages import links_beside
from heads.content.even import even_scores
from heads.queries.answers import whole_answer
from heads.reasons import Reasons
from heads.selection import expected_f1, maximize_expected_f
from indexlm.layout import Layout, measure_layout
from indexlm.limits import Limits
from indexlm.page import Page
from indexlm.query_match import match_query
from indexlm.text import terms

if TYPE_CHECKING:
    from heads.encoding import Window
    from heads.trees import TreeScorer

_MIN_AGREEMENT = 0.5  # of the F1 that the trees expect at best, in what a model keeps
_SURE = 0.95  # tree score of a block that is kept whatever a model says, unless precision counts more than recall
_PROSE_WORDS = 12  # of a block that is kept where nothing else is
_LONG_PAGE, _LONG_MARGIN = 150, 0.05  # blocks of a page of which the trees need not expect so much to decide it

BY_TREES = "the model kept nothing of the main content: the trees decided"
BY_PROSE = "the model kept nothing of the main content: all running text is kept"
OF_KIND = "as the others of its kind"
BESIDE = "a link beside the running text"


class CascadePlan(NamedTuple):
    """What the trees say of a page. All is empty for a checkpoint without trees.

    tree_scores: of each block the probability that it is main content.
    kept: the blocks (1-based) that the trees alone would keep as main content, made `coherent`; None for a query.
    expected_f1: the F1, in words, that the trees expect of `kept`.
    skips_model: whether `kept` is the answer and no model reads the page.
    beta: what recall counts against precision.
    content_scores: the tree scores by which `kept` is chosen; 0 for what is never content, by what it says or is named.
    never: why each of these is no content.
    reasons: as in `Prediction`, of `kept`.
    """

    layout: Layout | None = None
    tree_scores: list[float] | None = None
    kept: tuple[int, ...] | None = None
    expected_f1: float | None = None
    skips_model: bool = False
    beta: float = 1.0
    content_scores: list[float] | None = None
    never: dict[int, str] | None = None
    reasons: dict[int, str] | None = None


def plan(page: Page, trees: TreeScorer | None, skip_model_min_f1: float | None, beta: float = 1.0) -> CascadePlan:
    """A page and its trees -> what they decide; from an expected F1 of `skip_model_min_f1` on the whole page.

    On a long page, from a little less: there a model takes most time, and gains nothing on the trees.
    `beta` is that of `maximize_expected_f`. It chooses the blocks, and not who decides: with a great one, any page's
    expected F-beta is high.
    """
    if trees is None or not page.blocks:
        return CascadePlan(beta=beta)
    layout = measure_layout(page)
    scores = trees(page, layout)
    if page.query:
        return CascadePlan(layout, scores, beta=beta)
    by_scores, highest = maximize_expected_f(scores, layout.words)
    chosen, best = even_scores(page, scores, layout.words), by_scores
    if chosen != scores:
        best, highest = maximize_expected_f(chosen, layout.words)
    first = best
    if beta <= 1 and (never := _never_content(page, best)):
        chosen = [0.0 if i in never else score for i, score in enumerate(chosen, 1)]
        best, highest = maximize_expected_f(chosen, layout.words)
    else:
        never = {}
    if beta != 1:
        best, _ = maximize_expected_f(chosen, layout.words, beta)
    reasons = Reasons(best)
    kept = coherent(page, best, chosen, beta, reasons)
    margin = _LONG_MARGIN if len(page.blocks) > _LONG_PAGE else 0.0
    skips_model = skip_model_min_f1 is not None and highest >= skip_model_min_f1 - margin
    found = reasons.found()
    copies = {i for i, why in found.items() if why == REPEATED}
    valued = [0.0 if i in copies else score for i, score in enumerate(chosen, 1)]
    expected = expected_f1(valued, layout.words, kept)
    even = dict.fromkeys(({*by_scores} ^ {*first}) & ({*by_scores} ^ {*kept}), OF_KIND)
    found = even | {i: never[i] for i in first if i in never} | found
    return CascadePlan(layout, scores, kept, expected, skips_model, beta, chosen, never, found)


def _never_content(page: Page, best: Sequence[int]) -> dict[int, str]:
    """What is no content of a page, by what it says, where it stands or how it is named, and why."""
    return (
        dict.fromkeys(links_beside(page, best), BESIDE)
        | dict.fromkeys(closed_dialogs(page, best), "a closed dialog")
        | dict.fromkeys(consent(page, best), "a request for consent")
        | dict.fromkeys(feedback(page, best), "what readers say, or a repeated text")
        | dict.fromkeys(surroundings(page, best), "around a short page's content")
    )


class Settled(NamedTuple):
    """What is kept in the end.

    indices: the blocks, 1-based. by_trees: whether the trees decided them. warnings, reasons: as in `Prediction`.
    """

    indices: tuple[int, ...]
    by_trees: bool = False
    warnings: tuple[str, ...] = ()
    reasons: dict[int, str] | None = None


def settle(
    page: Page,
    cascade: CascadePlan,
    indices: Sequence[int],
    trees_may_decide: bool,
    model_f1: float | None = None,
    is_sure: bool = True,
) -> Settled:
    """Blocks that a model keeps, and the F1 that it expects of them (None: not known) -> what is kept in the end.

    With a query, the `whole_answer` of a model that `is_sure` of it or not. Main content is made `coherent`. Where
    `trees_may_decide`, their blocks are kept in place of the model's on a page of at most `SHORT_PAGE` blocks of which
    the model expects no higher F1, and on any page where they expect little of what the model keeps. Where that is
    nothing, the trees' blocks are kept in any case, and without trees the running text. What the trees are sure of is
    kept as well.
    """
    if page.query:
        if not terms(page.query):
            return Settled(tuple(indices))
        reasons = Reasons(indices)
        return Settled(whole_answer(page, indices, is_sure, cascade.beta, reasons), reasons=reasons.found())
    scores = cascade.content_scores
    if cascade.kept is None or scores is None or cascade.layout is None:
        prose = () if indices else _prose(page)
        return Settled(prose, False, (BY_PROSE,)) if prose else Settled(tuple(indices))
    if not indices:
        return Settled(cascade.kept, True, (BY_TREES,), cascade.reasons)
    highest = cascade.expected_f1 or 0.0
    by_tree_scores = expected_f1(scores, cascade.layout.words, indices) or 0.0
    is_doubtful = len(page.blocks) <= SHORT_PAGE and highest >= (by_tree_scores if model_f1 is None else model_f1)
    if trees_may_decide and (is_doubtful or by_tree_scores < _MIN_AGREEMENT * highest):
        return Settled(cascade.kept, True, reasons=cascade.reasons)
    reasons = Reasons(indices)
    if cascade.beta <= 1:
        indices = sorted({*indices} - links_beside(page, indices))
        reasons.note(BESIDE, {*indices})
    if cascade.beta >= 1:
        indices = sorted({*indices, *(i for i, score in enumerate(scores, 1) if score >= _SURE)})
        reasons.note("the trees are sure of it", {*indices})
    kept = coherent(page, indices, scores, cascade.beta, reasons)
    found = reasons.found()
    never = cascade.never or {}
    found |= {i: never[i] for i in found.keys() & never.keys()}
    return Settled(kept, reasons=found)


def _prose(page: Page) -> tuple[int, ...]:
    """The blocks of running text."""
    return tuple(i for i, words in enumerate(measure_layout(page).prose, 1) if words >= _PROSE_WORDS)


def windows_to_read(windows: Sequence[Window], cascade: CascadePlan, max_f1_loss: float) -> list[Window]:
    """Windows of a page -> those that a model should read, in order.

    The others are left to the trees: those that cost least by the trees' own scores, together at most `max_f1_loss` of
    the page's F1. The cost of a window is the words that the trees expect to get wrong, over the words that are kept
    and those that should be.
    """
    if not max_f1_loss or cascade.layout is None or cascade.content_scores is None or cascade.kept is None:
        return list(windows)
    words, scores = np.array(cascade.layout.words), np.array(cascade.content_scores)
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


def within_limits(page: Page, windows: Sequence[Window], cascade: CascadePlan, limits: Limits) -> list[Window]:
    """Windows of a page that a model should read -> at most `limits.windows` of them, in order.

    Those are read that hold the most of what decides: blocks that match the query best, or blocks of which the trees
    are least sure.
    """
    if len(windows) <= limits.windows:
        return list(windows)
    if page.query:
        weights = np.array(match_query(page).shares)
        worth = [float(weights[window.bounds[0] : window.bounds[-1]].max(initial=0)) for window in windows]
    elif cascade.layout is not None and cascade.tree_scores is not None:
        scores = np.array(cascade.tree_scores)
        doubt = np.concatenate([[0.0], np.cumsum(np.array(cascade.layout.words) * scores * (1 - scores))])
        worth = [float(doubt[window.bounds[-1]] - doubt[window.bounds[0]]) for window in windows]
    else:
        worth = [0.0] * len(windows)
    best = sorted(range(len(windows)), key=lambda i: -worth[i])[: limits.windows]
    return [windows[i] for i in sorted(best)]


def limit_warnings(count: int, read: int, limits: Limits) -> tuple[str, ...]:
    """The number of a page's windows that a model should read, and of those that it read -> what is to be said."""
    if read == count:
        return ()
    if read < min(count, limits.windows):
        return (f"limit: the time was over when the model had read {read} of {count} windows",)
    return (f"limit: a model reads at most {limits.windows} windows of a page; this one has {count}",)
