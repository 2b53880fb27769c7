"""Containers that a page holds twice, such as one copy for small screens and one for large ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from itertools import accumulate, groupby, pairwise
from operator import attrgetter

from indexlm.labels import node_around
from indexlm.layout import word_count
from indexlm.page import Block

_FOR_SCREENS = re.compile(r"\.(?:mobile|desktop|tablet|phone|hidden|visible|none|cloned?)(?![a-z])")
_but_index = attrgetter(*[field.name for field in fields(Block)][1:])
_TABLE = frozenset(["table"])
_FEWEST_WORDS = 40  # of a copy beside the first; and with a class word for screens, of several blocks or one:
_FEWEST_FOR_SCREENS, _FEWEST_OF_ONE = 8, 20
_WHOLE_TEXT, _WHOLE_BLOCKS = 400, 10  # words and blocks of a copy wherever it stands


def without_copies(blocks: Sequence[Block]) -> list[Block]:
    """Blocks -> the same without the second copy of a container; of two the one that is shown stays.

    A container counts as a copy if the texts of all its blocks are those of an earlier one, and if the classes of one
    of them name the screens that it is for, or if it stands directly behind that one, with at least two blocks and 40
    words, or if it is a whole text, of ten blocks and 400 words. Other text may repeat: refrains, quotations, lists of
    links.
    """
    blocks = _without_copied_headers(blocks)
    texts_of_all = [block.text for block in blocks]
    counts = Counter(texts_of_all)
    repeated = [counts[text] > 1 for text in texts_of_all]
    sizes = [0, *accumulate(word_count(block) if again else 0 for block, again in zip(blocks, repeated, strict=True))]
    if sizes[-1] < 2 * _FEWEST_FOR_SCREENS:
        return list(blocks)
    first_of: dict[tuple[str, ...], tuple[int, int, str]] = {}
    dropped: set[int] = set()
    for (start, end), label in _containers(blocks, repeated, sizes).items():
        size = sizes[end] - sizes[start]  # in words
        if size < _FEWEST_FOR_SCREENS:
            continue
        texts = tuple(texts_of_all[start:end])
        first, last, earlier_label = first_of.setdefault(texts, (start, end, label))
        if last > start:
            continue  # it is the first
        if _FOR_SCREENS.search(label) or _FOR_SCREENS.search(earlier_label):
            is_copy = size >= (_FEWEST_FOR_SCREENS if len(texts) > 1 else _FEWEST_OF_ONE)
        else:
            is_beside = last == start and len(texts) > 1 and size >= _FEWEST_WORDS
            is_copy = is_beside or (size >= _WHOLE_TEXT and len(texts) >= _WHOLE_BLOCKS)
        if is_copy:
            is_first_hidden = blocks[first].hidden and not blocks[start].hidden
            dropped.update(range(first, last) if is_first_hidden else range(start, end))
    if not dropped:
        return list(blocks)
    start = min(dropped)
    kept = (block for i, block in enumerate(blocks[start:], start) if i not in dropped)
    return [*blocks[:start], *(Block(index, *_but_index(block)) for index, block in enumerate(kept, start + 1))]


def _without_copied_headers(blocks: Sequence[Block]) -> Sequence[Block]:
    """Blocks -> the same without tables of nothing but the header of the next table, which scrolls below it."""
    dropped = [
        i
        for i, (block, after) in enumerate(pairwise(blocks))
        if block.tag == after.tag == "th"
        and block.text == after.text
        and (table := node_around(block, _TABLE)) != node_around(after, _TABLE)
        and not (i and node_around(blocks[i - 1], _TABLE) == table)
    ]
    if not dropped:
        return blocks
    kept = (block for i, block in enumerate(blocks) if i not in dropped)
    return [Block(index, *_but_index(block)) for index, block in enumerate(kept, 1)]


def _containers(blocks: Sequence[Block], repeated: Sequence[bool], sizes: Sequence[int]) -> dict[tuple[int, int], str]:
    """Blocks -> the runs (first, last + 1) of repeated ones that fill an element, with the labels of such elements.

    `sizes` are the words of repeated blocks before each block; runs with few are left out.
    """
    labels: dict[tuple[int, int], str] = {}
    for is_repeated, numbers in groupby(range(len(blocks)), repeated.__getitem__):
        if not is_repeated:
            continue
        run = list(numbers)
        if sizes[run[-1] + 1] - sizes[run[0]] < _FEWEST_FOR_SCREENS:
            continue
        beside = [blocks[i] for i in (run[0] - 1, run[-1] + 1) if 0 <= i < len(blocks)]
        outside = {node for block in beside for node in block.nodes}
        ranges: dict[int, tuple[int, str]] = {}
        ends: dict[int, int] = {}
        for _, beside_each_other in groupby(run, key=lambda i: id(blocks[i].nodes)):  # one tuple an element
            i, *others = beside_each_other
            for node, label in zip(blocks[i].nodes, blocks[i].path, strict=True):
                if node not in outside:
                    ranges.setdefault(node, (i, label))
                    ends[node] = (others[-1] if others else i) + 1
        for node, (start, label) in ranges.items():
            labels[start, ends[node]] = f"{labels.get((start, ends[node]), '')} {label}"
    return labels
