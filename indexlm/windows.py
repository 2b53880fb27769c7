"""Windows: a long page is cut at line boundaries into overlapping pieces, and the scores of their blocks are merged.

A decoder merges otherwise: it keeps the blocks that any window keeps (`heads.decoder`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def cut(lengths: Sequence[int], budget: int, overlap: int) -> list[tuple[int, int]]:
    """Lengths of lines in tokens -> windows `(start, stop)` of line offsets (0-based, half open).

    A window holds as many lines as fit in `budget` tokens. It begins `overlap` lines before the end of the one before
    it, or fewer where these leave no room for new ones. Every line is in at least one window; a line that is longer
    than the budget is alone in its window.
    """
    windows: list[tuple[int, int]] = []
    start = stop = 0
    while stop < len(lengths):
        reached = stop
        used = sum(lengths[start:stop])
        while start < reached and used + lengths[reached] > budget:
            used -= lengths[start]
            start += 1
        while stop < len(lengths) and (stop == start or used + lengths[stop] <= budget):
            used += lengths[stop]
            stop += 1
        windows.append((start, stop))
        start = max(start + 1, stop - overlap)
    return windows


def merge_scores(windows: Iterable[tuple[tuple[int, int], Sequence[float]]], count: int) -> list[float | None]:
    """Windows, each the span of its blocks (0-based, half open) with a score a block -> one score a block.

    It is the mean over the windows that hold the block, and None where none does.
    """
    sums, seen = [0.0] * count, [0] * count
    for (start, stop), scores in windows:
        for i, score in zip(range(start, stop), scores, strict=True):
            sums[i] += score
            seen[i] += 1
    return [total / n if n else None for total, n in zip(sums, seen, strict=True)]
