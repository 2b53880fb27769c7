"""Blocks that are kept because others like them are, or because kept text goes on in them: notes, corrections, code."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from heads.furniture import is_furniture
from indexlm.labels import shared_depth
from indexlm.page import Block, Page

NO_CONTENT = frozenset(["form", "nav", "footer"])
_MIN_SCORE = 0.2  # tree score of a block that is kept because those of its names are
_MIN_CODE_SCORE = 0.05  # tree score of code that is kept because it stands in kept text
_NEAR_CODE = 3  # blocks behind the last kept one
_UNLIKE = re.compile(r"comment|caption")
"""Names of parts of which some are content and others are not."""
_MIN_BEGINNING, _MAX_BEGINNING = 4, 60  # characters of a place and a date before a text
_DASHES = ("—", "–", "-", "―")
_MAX_NOTES = 0.5  # characters of notes beside those of the kept text; terms of an offer may have more
_NOTES = re.compile(r"\.(?:(?:foot|end)notes|corrections?|errat(?:um|a))(?:\.|$)")
_LISTED = re.compile(r"\.(?:foot|end)notes(?:\.|$)")
"""Names of notes that are items of a list; sites call their legal notices so as well."""


def keep_alike(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep what stands in elements of the names in which most is kept, as in each post, if the trees allow it."""
    places: defaultdict[tuple[str, ...], list[Block]] = defaultdict(list)
    for block in page.blocks:
        if 2 * block.link_chars <= block.chars:
            places[block.path[-2:]].append(block)
    for names, like in places.items():
        count = sum(block.index in kept for block in like)
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


def keep_beside(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep what belongs to kept text: a place and date before its first dash, notes and corrections, and code in it."""
    if not kept:
        return
    first, last = min(kept), max(kept)
    notes: list[Block] = []
    for block in page.blocks:
        if block.index in kept or block.hidden:
            continue
        if block.tag == "pre":
            is_near = first < block.index <= last + _NEAR_CODE and tree_scores[block.index - 1] >= _MIN_CODE_SCORE
            kept.update([block.index] if is_near and may_be_content(block, 0, True) else ())
        elif block.chars <= _MAX_BEGINNING and block.text.endswith(_DASHES):
            is_begun = block.index + 1 in kept and not block.link_chars and not block.is_heading
            kept.update([block.index] if is_begun and block.chars >= _MIN_BEGINNING else ())
        elif _is_note(block.path) and 2 * block.link_chars <= block.chars:
            notes += [block] if shared_depth(block, page.blocks[last - 1]) > 1 else []
    if sum(block.chars for block in notes) <= _MAX_NOTES * sum(page.blocks[i - 1].chars for i in kept):
        kept.update(block.index for block in notes)


@lru_cache(maxsize=4096)
def _is_note(path: tuple[str, ...]) -> bool:
    """Whether a path is that of a note to a text, or of a correction of it."""
    if not any(map(_NOTES.search, path)):
        return False
    return not any(map(_LISTED.search, path)) or any(label.partition(".")[0] == "li" for label in path)


def tags_around(block: Block, depth: int) -> set[str]:
    """The tags of the elements around a block below that depth, and its own."""
    return {label.partition(".")[0] for label in block.path[depth:]}


def may_be_content(block: Block, depth: int, is_between: bool) -> bool:
    """Whether a block is no list of links and no furniture, and below that depth in no form or menu.

    An aside may be content where it stands between kept blocks.
    """
    around = tags_around(block, depth)
    is_inside = around.isdisjoint(NO_CONTENT) and (is_between or "aside" not in around)
    return is_inside and 2 * block.link_chars <= block.chars and not is_furniture(block)
