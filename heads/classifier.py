"""The classifier head: one forward pass, a probability at every block's marker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp
from time import perf_counter
from typing import TYPE_CHECKING

from heads.encoding import encode
from heads.settings import Settings
from indexlm.page import Page, Prediction
from indexlm.windows import merge_scores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    Scorer = Callable[[Sequence[Sequence[int]]], list[NDArray[np.float32]]]

__all__ = ["ClassifierHead"]

_BATCH_TOKENS = 8192


class ClassifierHead:
    """`(pages) -> predictions`, with a score for every block.

    `scorer` is the backbone with its classification layer: a batch of token sequences -> for each an array
    (tokens, 2) of logits, drop and keep. Bidirectional attention is the checkpoint's, not the head's.
    """

    def __init__(self, scorer: Scorer, tokenizer: Tokenizer, settings: Settings) -> None:
        self.scorer = scorer
        self.tokenizer = tokenizer
        self.settings = settings

    def __call__(self, pages: Sequence[Page], threshold: float | None = None) -> list[Prediction]:
        """Pages -> predictions: the blocks whose probability reaches `threshold`, the checkpoint's own by default."""
        return [self._predict(page, threshold) for page in pages]

    def _predict(self, page: Page, threshold: float | None) -> Prediction:
        began = perf_counter()
        windows = encode(page, self.tokenizer, self.settings)
        encoded = perf_counter()
        scored = []
        for batch in _batches([len(window.ids) for window in windows]):
            logits = self.scorer([windows[i].ids for i in batch])
            for i, tokens in zip(batch, logits, strict=True):
                window = windows[i]
                places = window.markers if self.settings.read == "marker" else window.lasts
                read = tokens[places]
                margins = (read[:, 1] - read[:, 0]).tolist()
                scored.append(((window.start, window.stop), [_probability(margin) for margin in margins]))
        scores = merge_scores(scored, len(page.blocks))
        least = self.settings.thresholds["qe" if page.query else "me"] if threshold is None else threshold
        return Prediction(
            indices=tuple(i for i, score in enumerate(scores, 1) if score >= least),
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


def _probability(margin: float) -> float:
    return 1 / (1 + exp(-margin)) if margin > -700 else 0.0
