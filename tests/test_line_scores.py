"""The probability of each line, read off the choices of a decoder."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heads import DecoderHead, open_head
from heads.cascade import plan
from heads.decoder import block_scores
from heads.encoding import Window, encode
from heads.generation import Answer, Leaning
from heads.line_scores import LineScores
from indexlm.intervals import Parsed
from indexlm.models import shipped
from tests.models import PAGES


@pytest.fixture(scope="module")
def decoder() -> DecoderHead:
    head: Any = open_head(shipped("decoder"))
    return head


def answers(head: DecoderHead, page: Any, scores_lines: bool) -> list[tuple[Window, Answer]]:
    cascade = plan(page, head.trees, None)
    windows = encode(page, head.tokenizer, head.settings, cascade.tree_scores, cascade.layout)
    asked = [window for window in windows if None in window.fixed]
    leaning = Leaning(0.0, 0.0, scores_lines)
    return [
        (window, answer)
        for window in asked
        for answer in head._answer([window], leaning, {"prefill": 0.0, "decode": 0.0}, {"generated": 0})
    ]


def test_lines_that_may_start_or_end_an_interval_share_its_probability() -> None:
    scores = LineScores(4)
    scores.add_start([1, 2, 3, 4], np.array([0.1, 0.6, 0.2, 0.1]), 1)
    assert scores.of_lines.tolist() == pytest.approx([0.1, 0.6, 0.2, 0.1])
    scores.add_end([2, 3, 4], np.array([0.5, 0.3, 0.2]), 0)
    assert scores.of_lines.tolist() == pytest.approx([0.1, 0.6, 0.2 + 0.6 * 0.5, 0.1 + 0.6 * 0.2])
    scores.go_on(0.25)
    scores.add_start([4], np.array([1.0]), 0)
    assert scores.of_lines[3] == pytest.approx(0.1 + 0.6 * 0.2 + 0.6 * 0.5 * 0.25)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.title}, {page.query or 'main content'}")
def test_scores_are_probabilities_and_change_no_answer(decoder: DecoderHead, page: Any) -> None:
    pairs = zip(answers(decoder, page, True), answers(decoder, page, False), strict=True)
    for (window, scored), (_, plain) in pairs:
        assert scored.parsed == plain.parsed
        assert scored.probability == plain.probability
        assert plain.scores == ()
        assert len(scored.scores) == len(window.markers)
        assert all(0 <= score <= scored.probability + 1e-9 for score in scored.scores)
        assert sum(scored.scores) >= scored.probability - 1e-6  # there is a first line


def test_lines_are_scored_where_there_is_no_answer(decoder: DecoderHead) -> None:
    """`NA` is kept as the answer, and what would be kept otherwise is read all the same."""
    page = next(page for page in PAGES if page.query)
    none = [answer for _, answer in answers(decoder, page, True) if not answer.parsed.intervals]
    assert none
    assert all(0 < max(answer.scores) <= answer.probability < 0.5 for answer in none)


def test_a_block_has_the_highest_score_of_its_lines() -> None:
    """Lines that are fixed have none; a line may hold several blocks."""
    windows = [
        Window([0, 2, 3, 4], [None, None, False], [], [1, 2, 3], [], 0),
        Window([2, 3, 4], [None] * 2, [], [], [], 0),
    ]
    found = block_scores(
        windows, [Answer(Parsed(()), 1, 1.0, (0.2, 0.3, 0.9)), Answer(Parsed(()), 1, 1.0, (0.5, 0.1))], 5
    )
    assert found == [0.2, 0.2, 0.5, 0.1, 0.0]
