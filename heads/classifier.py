"""The classifier head: one forward pass, a probability at every block's marker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from itertools import pairwise
from time import perf_counter
from typing import TYPE_CHECKING

from heads.cascade import CascadePlan, Settled, limit_warnings, plan, settle, windows_to_read, within_limits
from heads.dial import limit_at
from heads.encoding import Window, encode
from heads.queries.answers import SURE
from heads.selection import calibrated, choose, expected_f1, probability
from heads.settings import Settings, task_of
from indexlm.layout import word_count
from indexlm.limits import LIMITS, Limits
from indexlm.page import Page, Prediction
from indexlm.windows import merge_scores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from heads.queries.answer_trees import AnswerScorer
    from heads.trees import TreeScorer

    Scorer = Callable[[Sequence[Sequence[int]], Sequence[Sequence[int]]], list[NDArray[np.float32]]]

_BATCH_TOKENS = 1600  # a call that reads more is no faster on a CPU, and holds the attention of all at once


class ClassifierHead:
    """`(pages) -> predictions`, with a probability for every block.

    `scorer` is the backbone with its classification layer: a batch of token sequences, and for each the places where
    its blocks are read -> for each an array (places, 2) of logits, drop and keep. Whether attention is bidirectional is
    the checkpoint's matter, not the head's. A call of it reads at most `batch_tokens`, with padding, or one window.
    `answer_trees` look a second time at the calibrated probabilities of a page with a query.
    """

    def __init__(
        self,
        scorer: Scorer,
        tokenizer: Tokenizer,
        settings: Settings,
        trees: TreeScorer | None = None,
        batch_tokens: int = _BATCH_TOKENS,
        answer_trees: AnswerScorer | None = None,
    ) -> None:
        self.scorer = scorer
        self.batch_tokens = batch_tokens
        self.tokenizer = tokenizer
        self.settings = settings
        self.trees = trees
        self.answer_trees = answer_trees

    def with_settings(self, settings: Settings) -> ClassifierHead:
        """The same model under other settings."""
        head = copy(self)
        head.settings = settings
        return head

    def __call__(
        self, pages: Sequence[Page], threshold: float | None = None, limits: Limits = LIMITS
    ) -> list[Prediction]:
        """Pages -> predictions.

        Without a threshold, the trees decide the pages and windows that the settings leave to them; the scores there
        are tree scores. On the rest, a checkpoint that is calibrated for the task keeps the blocks with the greatest
        expected F-beta, weighted by words for main content and by blocks for a query, and what `settle` makes of these.
        One that is not calibrated keeps the blocks that reach its own threshold.

        With a `threshold` (0 to 1), the model reads every window and keeps the blocks whose probability reaches it,
        and no others.

        Of a page with more than `limits.windows`, or at the deadline, the blocks that are not read keep their tree
        scores; of a query, they are no answer.
        """
        return [self._predict(page, threshold, limits) for page in pages]

    def _predict(self, page: Page, threshold: float | None, limits: Limits) -> Prediction:
        began = perf_counter()
        settings = self.settings if threshold is None else self.settings.alone()
        cascade = plan(page, self.trees, settings.skip_model_min_f1, settings.beta)
        if cascade.skips_model and cascade.kept is not None:
            return Prediction(
                cascade.kept,
                tuple(cascade.tree_scores or ()),
                decided_by="trees",
                expected_f1=cascade.expected_f1,
                seconds={"encode": perf_counter() - began, "forward": 0.0},
                tokens={"read": 0, "windows": 0},
                reasons=cascade.reasons or {},
            )
        windows = encode(page, self.tokenizer, settings, cascade.tree_scores, cascade.layout)
        windows = windows_to_read(windows, cascade, settings.skip_window_max_f1_loss)
        chosen = within_limits(page, windows, cascade, limits)
        encoded = perf_counter()
        results = list(self._scores(chosen, limits))
        raw = merge_scores(results, len(page.blocks))
        notes = limit_warnings(len(windows), len(results), limits)
        if notes and (page.query or cascade.tree_scores is None):
            raw = [0.0 if score is None else score for score in raw]
        task = task_of(page.query)
        calibration = settings.calibration.get(task)
        scores = _on_one_scale(raw, cascade, calibration)
        if page.query and calibration and scores and not notes and self.answer_trees:
            scores = self.answer_trees(page, scores)
        weights = [1 if page.query else word_count(block) for block in page.blocks]
        if calibration and threshold is None:
            least = limit_at(settings.beta, calibration["min_best_score"])
            indices = choose(scores, weights, least, settings.beta * calibration["beta"])
            model_f1 = expected_f1(scores, weights, indices)
            is_sure = max(scores, default=0.0) >= limit_at(settings.beta, SURE)
            settled = settle(page, cascade, indices, settings.skip_model_min_f1 is not None, model_f1, is_sure)
        else:
            min_score = limit_at(settings.beta, settings.thresholds[task]) if threshold is None else threshold
            settled = Settled(tuple(i for i, score in enumerate(scores, 1) if score >= min_score))
            if threshold is None and not page.query:
                settled = settle(page, cascade, settled.indices, settings.skip_model_min_f1 is not None)
        if settled.by_trees:
            scores = cascade.tree_scores or []
        may_be_empty = bool(page.query) and not notes
        return Prediction(
            settled.indices,
            tuple(scores),
            decided_by="trees" if settled.by_trees else "mixed" if None in raw else "model",
            expected_f1=expected_f1(scores, weights, settled.indices, may_be_empty) if calibration else None,
            warnings=(*settled.warnings, *notes),
            seconds={"encode": encoded - began, "forward": perf_counter() - encoded},
            tokens={"read": sum(len(window.ids) for window in chosen), "windows": len(results)},
            reasons=settled.reasons or {},
        )

    def _scores(self, windows: Sequence[Window], limits: Limits) -> Iterator[tuple[tuple[int, int], list[float]]]:
        """Windows -> of each its first and last bound, and a raw probability for every block between."""
        for batch in _batches([len(window.ids) for window in windows], self.batch_tokens):
            if limits.is_late:
                return
            chosen = [windows[i] for i in batch]
            places = [window.markers if self.settings.readout == "marker" else window.lasts for window in chosen]
            for window, logits in zip(chosen, self.scorer([w.ids for w in chosen], places), strict=True):
                lines = [probability(margin) for margin in (logits[:, 1] - logits[:, 0]).tolist()]
                spans = zip(lines, pairwise(window.bounds), strict=True)
                yield (
                    (window.bounds[0], window.bounds[-1]),
                    [score for score, (start, stop) in spans for _ in range(start, stop)],
                )


def _on_one_scale(
    raw: Sequence[float | None], cascade: CascadePlan, calibration: dict[str, float] | None
) -> list[float]:
    """Raw probabilities (None where no model read) -> calibrated ones, and there the tree scores."""
    tree_scores = cascade.tree_scores or []
    scores = [0.5 if score is None else score for score in raw]
    if calibration:
        scores = calibrated(scores, tree_scores, calibration)
    if None not in raw:
        return scores
    return [
        tree_score if raw_score is None else score
        for score, raw_score, tree_score in zip(scores, raw, tree_scores, strict=True)
    ]


def _batches(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Lengths -> batches of their indices: like with like, at most `most` tokens with padding."""
    batches: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if batches and (len(batches[-1]) + 1) * lengths[batches[-1][0]] <= most:
            batches[-1].append(i)
        else:
            batches.append([i])
    return batches
