"""The classifier head: one forward pass, a probability at every block's marker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from time import perf_counter
from typing import TYPE_CHECKING

from heads.decide import calibrated, keep, look, probability, unsure, with_answers
from heads.encoding import encode
from heads.settings import Settings
from indexlm.figures import size
from indexlm.page import Page, Prediction
from indexlm.windows import merge_scores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from heads.trees import Prior

    Scorer = Callable[[Sequence[Sequence[int]], Sequence[Sequence[int]]], list[NDArray[np.float32]]]

__all__ = ["ClassifierHead"]

_BATCH_TOKENS = 1600  # a call that reads more is no faster on a CPU, and holds the attention of all at once


class ClassifierHead:
    """`(pages) -> predictions`, with a score for every block.

    `scorer` is the backbone with its classification layer: a batch of token sequences, and for each the places where
    its blocks are read -> for each an array (places, 2) of logits, drop and keep. Bidirectional attention is the
    checkpoint's, not the head's.
    """

    def __init__(self, scorer: Scorer, tokenizer: Tokenizer, settings: Settings, prior: Prior | None = None) -> None:
        self.scorer = scorer
        self.tokenizer = tokenizer
        self.settings = settings
        self.prior = prior

    def __call__(self, pages: Sequence[Page], threshold: float | None = None) -> list[Prediction]:
        """Pages -> predictions: the blocks whose probability reaches `threshold`.

        Without one, what the trees can decide is left to them (the settings' `enough` and `unread`), and the scores of
        it are theirs. Of the rest, where the checkpoint is calibrated for the task, those are kept that make the
        expected F1 greatest (of main content in words, of answers in blocks, and with a heading what stands below it),
        else those that reach its own threshold.
        """
        return [self._predict(page, threshold) for page in pages]

    def _predict(self, page: Page, threshold: float | None) -> Prediction:
        began = perf_counter()
        outlook = look(page, self.prior, self.settings.enough)
        hints = outlook.hints or ()
        if outlook.suffices and outlook.kept is not None and threshold is None:
            seconds = {"encode": perf_counter() - began, "forward": 0.0}
            return Prediction(outlook.kept, tuple(hints), seconds=seconds, tokens={"read": 0, "windows": 0})
        windows = encode(page, self.tokenizer, self.settings, outlook.hints, outlook.figures)
        if threshold is None:
            windows = unsure(windows, outlook, self.settings.unread)
        encoded = perf_counter()
        scored = []
        for batch in _batches([len(window.ids) for window in windows]):
            chosen = [windows[i] for i in batch]
            places = [window.markers if self.settings.read == "marker" else window.lasts for window in chosen]
            logits = self.scorer([window.ids for window in chosen], places)
            for window, read in zip(chosen, logits, strict=True):
                scores = [probability(margin) for margin in (read[:, 1] - read[:, 0]).tolist()]
                of_blocks = [
                    score
                    for score, (start, stop) in zip(scores, pairwise(window.bounds), strict=True)
                    for _ in range(start, stop)
                ]
                scored.append(((window.bounds[0], window.bounds[-1]), of_blocks))
        task = "qe" if page.query else "me"
        merged = merge_scores(scored, len(page.blocks))
        scores = [0.5 if score is None else score for score in merged]
        if calibration := self.settings.calibration.get(task):
            *scaling, floor = calibration
            scores = calibrated(scores, hints, scaling)
        if None in merged:  # what is left to the trees
            scores = [
                said if found is None else score for score, found, said in zip(scores, merged, hints, strict=True)
            ]
        if calibration and threshold is None:
            indices = keep(scores, [1 if page.query else size(block) for block in page.blocks], floor)
            indices = with_answers(page, indices) if page.query else indices
        else:
            least = self.settings.thresholds[task] if threshold is None else threshold
            indices = tuple(i for i, score in enumerate(scores, 1) if score >= least)
        return Prediction(
            indices=indices,
            scores=tuple(scores),
            seconds={"encode": encoded - began, "forward": perf_counter() - encoded},
            tokens={"read": sum(len(window.ids) for window in windows), "windows": len(windows)},
        )


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Lengths -> batches of their indices: like with like, at most `_BATCH_TOKENS` tokens with padding."""
    batches: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if batches and (len(batches[-1]) + 1) * lengths[batches[-1][0]] <= _BATCH_TOKENS:
            batches[-1].append(i)
        else:
            batches.append([i])
    return batches
