"""Intervals: exact syntax, and what is made of answers that do not keep to it."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexlm import Interval, format_intervals, parse_intervals, to_indices, to_intervals


def subsets(count: int) -> list[tuple[int, ...]]:
    return [c for k in range(count + 1) for c in combinations(range(1, count + 1), k)]


@pytest.mark.parametrize("count", range(7))
def test_every_choice_of_blocks_survives_format_and_parse(count: int) -> None:
    """Exhaustive to six blocks: indices -> intervals -> text -> intervals -> indices."""
    for indices in subsets(count):
        parsed = parse_intervals(format_intervals(to_intervals(indices)), count)
        assert to_indices(parsed.intervals) == indices
        assert parsed.repairs == ()
        assert parsed.error == ""


def test_intervals_are_the_fewest_that_hold_the_indices() -> None:
    assert to_intervals([7, 3, 2, 4, 3]) == (Interval(2, 4), Interval(7, 7))
    assert to_intervals([]) == ()


def test_format_is_the_papers() -> None:
    assert format_intervals([(2, 4), (7, 7)]) == "[[2,4],[7,7]]"
    assert format_intervals([]) == "NA"


@pytest.mark.parametrize(
    ("answer", "indices", "repair"),
    [
        ("[[2,4], [7, 7]]", (2, 3, 4, 7), "other text"),
        ("The answer is [[2,4],[7,7]].", (2, 3, 4, 7), "after the last"),
        ("```json\n[[2,3]]\n```", (2, 3), "after the last"),
        ("[[4,2]]", (2, 3, 4), "turned [4,2] round"),
        ("[[2,5],[4,7]]", (2, 3, 4, 5, 6, 7), "in order"),
        ("[[6,7],[1,2]]", (1, 2, 6, 7), "in order"),
        ("[[0,2]]", (1, 2), "cut [0,2]"),
        ("[[8,99]]", (8, 9, 10), "cut [8,99]"),
        ("[[50,99]]", (), "cut [50,99]"),
        ("[[2,4],[7", (2, 3, 4), "after the last"),
        ("[[2,4],[7,", (2, 3, 4), "after the last"),
        ("[3] and [5]", (3, 5), "single"),
        ("[[3],[5]]", (3, 5), "single"),
        ("[[2,4],[7]]", (2, 3, 4, 7), "single"),
        ("[[1,99999999999]]", (1, 2, 3, 4, 5, 6, 7, 8, 9, 10), "cut"),
        ("[[2-4],[6..7]]", (2, 3, 4, 6, 7), "other text"),
        ("There is none: NA", (), "NA"),
        ("n/a", (), "NA"),
    ],
)
def test_loose_answers_are_read_and_every_repair_is_named(answer: str, indices: tuple[int, ...], repair: str) -> None:
    parsed = parse_intervals(answer, 10)
    assert to_indices(parsed.intervals) == indices
    assert parsed.error == ""
    assert any(repair in line for line in parsed.repairs), parsed.repairs


@pytest.mark.parametrize("answer", ["", "I cannot help with that.", "[[", "NAME", "2,4"])
def test_an_answer_without_intervals_is_an_error_that_shows_it(answer: str) -> None:
    parsed = parse_intervals(answer, 10)
    assert parsed.intervals == ()
    assert repr(answer) in parsed.error


@given(st.text("[]0123456789, NA-", max_size=40), st.integers(0, 12))
def test_whatever_is_read_is_canonical_and_on_the_page(answer: str, count: int) -> None:
    intervals = parse_intervals(answer, count).intervals
    indices = to_indices(intervals)
    assert to_intervals(indices) == intervals
    assert all(1 <= i <= count for i in indices)
