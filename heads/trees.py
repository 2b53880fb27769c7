"""Gradient-boosted trees over a page's structure: the hint in the structural prompt, and the baseline of both heads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from heads.settings import Settings
from indexlm.figures import Figures, measure
from indexlm.page import IndexLMError, Page, Prediction
from indexlm.structure import NAMES, features

if TYPE_CHECKING:
    import onnxruntime as ort

__all__ = ["Prior", "Trees", "load_trees"]

Prior = Callable[[Page, Figures], list[float]]
"""Tells of each block of a page (of at least one), by its figures, how likely it is main content (0 to 1)."""


class Trees:
    """How likely each block is main content, by the page's structure alone; the query is not looked at.

    Called with pages it is a predictor like the heads, the fastest one; `scores` is what the prompt shows.
    """

    settings = Settings("classifier", tasks=("me",))  # what may be asked of it: scores, and main content alone

    def __init__(self, session: ort.InferenceSession, vocabulary: Sequence[str], threshold: float = 0.3) -> None:
        self.session = session
        self.vocabulary = tuple(vocabulary)
        self.threshold = threshold

    def scores(self, page: Page, figures: Figures) -> list[float]:
        """A page of at least one block and its figures -> a probability a block."""
        table = features(page, figures, self.vocabulary)
        found: list[float] = self.session.run(None, {"features": table})[0].ravel().tolist()
        return found

    def __call__(self, pages: Sequence[Page], threshold: float | None = None) -> list[Prediction]:
        """Pages -> predictions: the blocks whose probability reaches the threshold."""
        least = self.threshold if threshold is None else threshold
        predictions = []
        for page in pages:
            began = perf_counter()
            scores = self.scores(page, measure(page)) if page.blocks else []
            kept = tuple(i for i, score in enumerate(scores, 1) if score >= least)
            predictions.append(Prediction(kept, tuple(scores), seconds={"predict": perf_counter() - began}))
        return predictions


def load_trees(path: Path) -> Trees:
    """`trees.onnx` (features (blocks, columns) -> probability (blocks, 1)) -> the trees.

    Its metadata names the columns, the words of class names among them, and its threshold.
    """
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1  # a page's trees take less time than waking a thread
    options.log_severity_level = 3
    try:
        session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime has no narrower type for a file that it cannot read
        raise IndexLMError(f"{path} cannot be loaded as an ONNX model: {error}") from None
    stated = session.get_modelmeta().custom_metadata_map
    if stated.get("columns") != " ".join(NAMES):
        raise IndexLMError(f"trees are read with the columns that they were trained on; those of {path} are others")
    return Trees(session, stated["vocabulary"].split(), float(stated["threshold"]))
