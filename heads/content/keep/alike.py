"""Blocks that are kept because others like them are: of the same names, of one list, paragraphs of one text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from heads.content.blocks import may_be_content, tags_around
from indexlm.labels import lists_around
from indexlm.page import Block, Page

_MIN_SCORE = 0.2  # tree score of a block that is kept because those of its names are
_MIN_ITEM_SCORE = 0.1  # tree score of an item that is kept because its list is most of the page
_MIN_ITEMS = 0.2  # of such a list, kept
_MIN_LIST = 40  # characters of it
_MAX_REST = 60  # characters of a page of which a list of links is most
_MIN_PARAGRAPH_SCORE, _MIN_PARAGRAPH = 0.15, 20  # tree score and characters of a paragraph beside kept text
_FIGURES = frozenset(["figure", "figcaption", "td", "th"])
_UNLIKE = re.compile(r"comment|caption")
"""Names of parts of which some are content and others are not."""


def keep_alike(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep what stands in elements of the names in which most is kept, as in each post, if the trees allow it."""
    places: defaultdict[tuple[str, ...], list[Block]] = defaultdict(list)
    for block in page.blocks:
        if 2 * block.link_chars <= block.chars:
            places[block.path[-2:]].append(block)
    for names, like in places.items():
        count = len([block for block in like if block.index in kept])
        if not len(like) <= 2 * count < 2 * len(like) or not any("." in label for label in names):
            continue
        kept.update(
            block.index
            for block in like
            if tree_scores[block.index - 1] >= _MIN_SCORE
            and not block.hidden
            and may_be_content(block, 0, False)
            and not any(map(_UNLIKE.search, block.path))
        )


def keep_main_list(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep all of a list that is longer than all else that is kept, if the trees allow it.

    So is a list of links where hardly anything else is kept.
    """
    around = lists_around(page)
    begun = {around[i - 1] for i in kept if page.blocks[i - 1].tag == "li"}
    if not begun:
        return
    lists: defaultdict[int, list[Block]] = defaultdict(list)
    for block, node in zip(page.blocks, around, strict=True):
        if node in begun and block.tag == "li":
            lists[node].append(block)
    chars = sum(page.blocks[i - 1].chars for i in kept)
    for items in lists.values():
        own = [block for block in items if block.index in kept]
        if not _MIN_ITEMS * len(items) < len(own) < len(items):
            continue
        rest = chars - sum(block.chars for block in own)
        size = sum(block.chars for block in items)
        if size >= max(rest, _MIN_LIST) and (rest < _MAX_REST or 2 * sum(block.link_chars for block in items) <= size):
            kept.update(b.index for b in items if tree_scores[b.index - 1] >= _MIN_ITEM_SCORE and not b.hidden)


def keep_paragraphs(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep a paragraph without names or links directly before or behind kept text, in an element around that."""
    for i in sorted(kept):
        text = page.blocks[i - 1]
        for block in (*page.blocks[max(i - 2, 0) : i - 1], *page.blocks[i : i + 1]):
            if (
                block.index not in kept
                and block.tag == "p"
                and block.path[-1] == "p"
                and block.chars >= _MIN_PARAGRAPH
                and tree_scores[block.index - 1] >= _MIN_PARAGRAPH_SCORE
                and not (block.link_chars or block.hidden)
                and text.nodes[: len(block.nodes) - 1] == block.nodes[:-1]
                and may_be_content(block, 0, False)
                and tags_around(block, 0).isdisjoint(_FIGURES)
                and not any(map(_UNLIKE.search, block.path))
            ):
                kept.add(block.index)
