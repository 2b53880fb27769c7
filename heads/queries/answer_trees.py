"""Answer trees: a second look at the probabilities that a head gives the blocks of a question's page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from heads.queries.answer_features import NAMES, candidates, features
from heads.settings import check_size
from indexlm.page import IndexLMError, Page

FILE = "answers.onnx"
_MOST_BYTES = 1 << 26
AnswerScorer = Callable[[Page, Sequence[float]], list[float]]
"""A page with a query and its blocks' probabilities -> the probabilities after the second look."""


def load_answer_trees(path: Path) -> AnswerScorer:
    """`answers.onnx` (features (blocks, columns) -> probability (blocks, 1)) -> the trees.

    Blocks that are no candidates are no more probable than the least of those that are. Raises `IndexLMError` for
    another file.
    """
    from heads.runtimes.onnx import open_session

    check_size(path, _MOST_BYTES)
    session = open_session(path, threads=1)
    if session.get_modelmeta().custom_metadata_map.get("columns") != " ".join(NAMES):
        raise IndexLMError(f"answer trees are read with the columns that they were trained on; {path} has others")

    def rescored(page: Page, scores: Sequence[float]) -> list[float]:
        places = candidates(page, scores)
        table = features(page, scores, places)
        found: list[float] = session.run(None, {"features": table})[0].ravel().tolist()
        return spread(scores, places, found)

    return rescored


def spread(scores: Sequence[float], places: Sequence[int], found: Sequence[float]) -> list[float]:
    """Probabilities of all blocks, some places and new probabilities there -> those of all blocks."""
    least = min(found)
    new = [min(score, least) for score in scores]
    for place, score in zip(places, found, strict=True):
        new[place] = score
    return new
