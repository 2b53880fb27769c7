"""Gradient-boosted trees over a page's structure: the first stage of both heads, and a head of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from heads.cascade import plan
from heads.selection import expected_f1
from heads.settings import Settings, check_size
from heads.tree_features import NAMES, features
from indexlm.layout import Layout
from indexlm.limits import LIMITS, Limits
from indexlm.page import IndexLMError, Page, Prediction

if TYPE_CHECKING:
    import onnxruntime as ort

_MOST_BYTES = 1 << 28  # of a trees.onnx
TreeScorer = Callable[[Page, Layout], list[float]]
"""A page of at least one block and its layout -> of each block the probability that it is main content."""


class TreeHead:
    """The trees as a head: fast, for main content alone.

    `scores` is a `TreeScorer`. Without a threshold the blocks with the greatest expected F-beta are kept, as the
    cascade does on pages that it leaves to the trees.
    """

    settings = Settings("classifier", tasks=("me",))  # what may be asked of it: probabilities, main content alone

    def __init__(self, session: ort.InferenceSession, vocabulary: Sequence[str]) -> None:
        self.session = session
        self.vocabulary = tuple(vocabulary)

    def with_settings(self, settings: Settings) -> TreeHead:
        """The same trees under other settings."""
        head = copy(self)
        head.settings = settings
        return head

    def scores(self, page: Page, layout: Layout) -> list[float]:
        """A page of at least one block and its layout -> of each block the probability that it is main content."""
        table = features(page, layout, self.vocabulary)
        probabilities: list[float] = self.session.run(None, {"features": table})[0].ravel().tolist()
        return probabilities

    def __call__(
        self, pages: Sequence[Page], threshold: float | None = None, limits: Limits = LIMITS
    ) -> list[Prediction]:
        """Pages -> predictions: the blocks of the greatest expected F-beta, or those that reach `threshold`."""
        return [self._predict(page, threshold) for page in pages]

    def _predict(self, page: Page, threshold: float | None) -> Prediction:
        began = perf_counter()
        cascade = plan(page, self.scores, None, self.settings.beta)
        scores, kept, expected = cascade.tree_scores or [], cascade.kept or (), cascade.expected_f1
        reasons = (cascade.reasons or {}) if threshold is None else {}
        if threshold is not None and cascade.layout is not None:
            kept = tuple(i for i, score in enumerate(scores, 1) if score >= threshold)
            expected = expected_f1(scores, cascade.layout.words, kept)
        seconds = {"predict": perf_counter() - began}
        return Prediction(
            kept, tuple(scores), decided_by="trees", expected_f1=expected, seconds=seconds, reasons=reasons
        )


def load_trees(path: Path) -> TreeHead:
    """`trees.onnx` (features (blocks, columns) -> probability (blocks, 1)) -> the trees.

    Its metadata names the columns and the words of class names among them. Raises `IndexLMError` for another file.
    """
    from heads.runtimes.onnx import open_session

    check_size(path, _MOST_BYTES)
    session = open_session(path, threads=1)  # a page's trees take less time than waking a thread
    metadata = session.get_modelmeta().custom_metadata_map
    if metadata.get("columns") != " ".join(NAMES) or "vocabulary" not in metadata:
        raise IndexLMError(f"trees are read with the columns that they were trained on; those of {path} are others")
    return TreeHead(session, metadata["vocabulary"].split())
