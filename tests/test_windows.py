"""Windows: nothing is dropped, nothing is counted twice."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from indexlm.windows import cut, merge_scores


@pytest.mark.parametrize("overlap", [0, 1, 3])
@pytest.mark.parametrize("budget", [1, 4, 6])
def test_windows_hold_every_block_within_the_budget(budget: int, overlap: int) -> None:
    """Exhaustive over pages of up to five blocks of three sizes."""
    for count in range(6):
        for lengths in product((1, 2, 5), repeat=count):
            windows = cut(lengths, budget, overlap)
            assert sorted({i for start, stop in windows for i in range(start, stop)}) == list(range(count))
            assert all(sum(lengths[start:stop]) <= budget or stop - start == 1 for start, stop in windows)
            assert all(a < c and b < d for (a, b), (c, d) in pairwise(windows))
            assert all(b - c <= overlap for (_, b), (c, _) in pairwise(windows))


def test_windows_overlap_as_asked_where_there_is_room() -> None:
    assert cut([1] * 10, 5, 2) == [(0, 5), (3, 8), (6, 10)]


def test_scores_are_averaged_where_windows_overlap() -> None:
    merged = merge_scores([((0, 2), [0.2, 0.4]), ((1, 3), [0.8, 1.0])], 3)
    assert merged == pytest.approx([0.2, 0.6, 1.0])
    assert merge_scores([((1, 2), [0.8])], 3) == [None, 0.8, None]
