"""Blocks of one kind are judged alike: a page that shows the first title of a list shows the others as well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from indexlm.page import Page
from indexlm.paths import heading_of, paths_of

_LEAST_ALIKE = 5  # blocks of one kind
_TEXTS = frozenset(["p", "li", "tr", "th", "pre"])
"""Tags of running text, lists and tables, which differ in what they say under one name."""


def even_scores(page: Page, scores: Sequence[float], words: Sequence[int]) -> list[float]:
    """Tree scores -> the same, but for links or texts of one tag and path with names, which all get one mean.

    Cards and rows that a page lays out without lists are such blocks. Expected F1 takes each for itself, and would
    keep some of the titles of a list and drop others. What stands above the page's heading is of another kind than
    what stands below.
    """
    kinds: defaultdict[tuple[str, int, bool, bool], list[int]] = defaultdict(list)
    top = heading_of(page) or 0
    paths = paths_of(page)
    for place, (block, path) in enumerate(zip(page.blocks, paths.places, strict=True)):
        if block.tag not in _TEXTS:
            kinds[block.tag, path, 2 * block.link_chars >= block.chars, block.index < top].append(place)
    even = list(scores)
    for (_, path, *_), places in kinds.items():
        if len(places) >= _LEAST_ALIKE and any("." in label for label in paths.different[path][-2:]):
            weights = [words[place] + 1 for place in places]
            mean = sum(scores[place] * weight for place, weight in zip(places, weights, strict=True)) / sum(weights)
            for place in places:
                even[place] = mean
    return even
