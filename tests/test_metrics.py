"""Scores: hand-computed cases of each definition."""

from __future__ import annotations

import pytest

from eval.bootstrap import interval, paired
from eval.metrics import (
    Counts,
    average_precision,
    block_prf,
    brier,
    calibration_error,
    reciprocal_rank,
    reliability,
    rouge_l,
    shingle_counts,
    shingle_prf,
    snippet_rates,
    word_prf,
)


@pytest.mark.parametrize(
    ("text", "gold", "expected"),
    [
        ("a b b", "b c", (1 / 3, 1 / 2, 0.4)),
        ("The CAT, the cat!", "the cat", (0.5, 1.0, 2 / 3)),
        ("", "", (1.0, 1.0, 1.0)),
        ("a", "", (0.0, 0.0, 0.0)),
        ("", "a", (0.0, 0.0, 0.0)),
        ("…", "", (1.0, 1.0, 1.0)),  # no word on either side
    ],
)
def test_word_scores_are_of_bags_of_lowercased_words(text: str, gold: str, expected: tuple[float, ...]) -> None:
    assert word_prf(text, gold) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("chosen", "gold", "expected"),
    [
        ([1, 2, 3], [2, 3, 4, 5], (2 / 3, 1 / 2, 4 / 7)),
        ([], [], (1.0, 1.0, 1.0)),
        ([1], [], (0.0, 0.0, 0.0)),
        ([], [1], (0.0, 0.0, 0.0)),
    ],
)
def test_block_scores(chosen: list[int], gold: list[int], expected: tuple[float, ...]) -> None:
    assert block_prf(chosen, gold) == pytest.approx(expected)


def test_shingles_are_counted_as_article_extraction_benchmark_does() -> None:
    """Five shared words are two shared shingles of four; one shingle is missing, one wrong; case counts."""
    assert shingle_counts("a b c d e x", "a b c d e y") == pytest.approx((2 / 4, 1 / 4, 1 / 4))
    assert shingle_counts("A b c d", "a b c d") == pytest.approx((0, 0.5, 0.5))
    assert shingle_counts("a b", "a b") == (1, 0, 0)  # a text of fewer words is one shingle
    assert shingle_counts("", "a b c d") == (0, 0, 1)
    assert shingle_counts("", "") == (0, 0, 0)


def test_shingle_f1_is_of_macro_precision_and_recall() -> None:
    """An empty prediction counts for recall alone, and a page that is empty on both sides for neither."""
    pages = [Counts(0.5, 0.5, 0.0), Counts(0.0, 0.0, 1.0), Counts(0.0, 0.0, 0.0)]
    precision, recall, f1 = shingle_prf(pages)
    assert (precision, recall) == (0.5, 0.5)
    assert f1 == 0.5
    assert shingle_prf([Counts(0.0, 0.0, 0.0)]) == (1, 1, 1)
    assert shingle_prf([Counts(0.0, 1.0, 0.0)]) == (0, 0, 0)


def test_rouge_l_follows_the_order_of_words() -> None:
    assert rouge_l("the cat sat", "the cat sat") == 1
    assert rouge_l("sat cat the", "the cat sat") == pytest.approx(1 / 3)
    assert rouge_l("a b c d", "b d") == pytest.approx(2 * 2 / 6)


def test_snippets_are_matched_as_words() -> None:
    assert snippet_rates("今天天气很好。", ["天气"], ["©"]) == (1, 1, 0, 1)
    text = "Hello,  big World. Bye"
    assert snippet_rates(text, ["hello big", "big world!", "orld"], ["bye", "hello world"]) == (2, 3, 1, 2)


def test_ranks() -> None:
    assert reciprocal_rank([0.9, 0.5, 0.7], [3]) == 1 / 2
    assert reciprocal_rank([0.9, 0.5, 0.7], [1, 2]) == 1
    assert reciprocal_rank([0.5, 0.5, 0.5], [2]) == 1 / 3  # a tie is no success
    assert average_precision([0.9, 0.5, 0.7], [1, 2]) == pytest.approx((1 + 2 / 3) / 2)


def test_calibration() -> None:
    scores, truth = [0.05, 0.15, 0.15, 0.95], [False, False, True, True]
    assert [count for count, _, _ in reliability(scores, truth)] == [1, 2, 1]
    assert [mean for _, mean, _ in reliability(scores, truth)] == pytest.approx([0.05, 0.15, 0.95])
    assert [share for _, _, share in reliability(scores, truth)] == [0, 0.5, 1]
    assert calibration_error(scores, truth) == pytest.approx((0.05 + 2 * 0.35 + 0.05) / 4)
    assert brier([1.0, 0.0], [True, True]) == 0.5
    assert len(reliability([1.0], [True])) == 1  # the last bin is closed


def test_intervals_hold_the_mean_and_shrink_with_pages() -> None:
    few, many = [0.0, 1.0] * 10, [0.0, 1.0] * 1000
    for values in (few, many):
        low, high = interval(values)
        assert low < 0.5 < high
    assert interval(many)[1] - interval(many)[0] < 0.1 * 0.5
    assert interval([0.3] * 5) == pytest.approx((0.3, 0.3))


def test_no_winner_where_the_interval_of_the_difference_holds_zero() -> None:
    better = paired([0.9] * 20, [0.8] * 20)
    assert (better["winner"], better["wins"], better["losses"]) == ("a", 20, 0)
    assert paired([0.8] * 20, [0.9] * 20)["winner"] == "b"
    even = paired([0.9, 0.1] * 10, [0.1, 0.9] * 10)
    assert even["winner"] == ""
    assert (even["wins"], even["ties"], even["losses"]) == (10, 0, 10)
    assert paired([0.5] * 4, [0.5] * 4)["ties"] == 4
