"""Texts that a page shows again: descriptions of a product, previews of a post, a box for each size of screen.

The first copy says it all. Copies that the segmenter leaves out (`indexlm.html.hidden.copies`) are elements that are
the same as a whole, with names that tell why; these are any texts in a row that a head keeps twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from heads.content.drop.comments import is_shop
from heads.content.keep.food import AMOUNT
from indexlm.page import Block, Page

_LEAST_TEXT = 8  # characters of a block that counts
_MOST_COPIES = 3  # of a text in elements of one path; more are lines of a pattern, as in each of many cards
_MOST_IN_ALL = 8  # of a text wherever it stands
_MOST_PLACES = 4  # earlier places of a text that are looked at


class _Shape(NamedTuple):
    """What is a copy: tags that are none, the least characters of one block, and of several in a row."""

    unlike: frozenset[str]
    of_one: int
    of_row: int


_ROWS = frozenset(["tr", "th", "pre", "dt", "dd", "figcaption", "caption"])
_ANYWHERE = _Shape(_ROWS | {"li"}, 150, 100)  # items are said again of each of several plans
_IN_SHOP = _Shape(_ROWS, 40, 60)


def drop_repeats(page: Page, kept: set[int]) -> None:
    """Drop kept texts that are kept above in another element, alone or in a row.

    Not rows of tables, code, items of a list but in shops, amounts of money there, a variant that its page hides until
    it is chosen, refrains, and lines that many like elements have.
    """
    places = sorted(kept)
    blocks = [page.blocks[i - 1] for i in places]
    counts = Counter(block.text for block in blocks if len(block.text) >= _LEAST_TEXT)
    if len(counts) == len(blocks) or max(counts.values(), default=0) < 2:
        return
    in_shop = is_shop(page)
    shape = _IN_SHOP if in_shop else _ANYWHERE
    texts = ["" if counts[b.text] < 2 or not _counts(b, shape, in_shop) else b.text for b in blocks]
    if sum(map(len, texts)) < 2 * min(shape.of_one, shape.of_row):
        return
    patterns = Counter((block.text, block.path) for block, text in zip(blocks, texts, strict=True) if text)
    for found in _copies(blocks, texts, shape):
        block = blocks[found]
        if patterns[block.text, block.path] <= _MOST_COPIES and counts[block.text] <= _MOST_IN_ALL:
            kept.discard(places[found])


def _counts(block: Block, shape: _Shape, in_shop: bool) -> bool:
    is_like = block.tag not in shape.unlike and block.hidden_by != "hidden attribute"
    return is_like and not (in_shop and AMOUNT.search(block.text))


def _copies(blocks: Sequence[Block], texts: Sequence[str], shape: _Shape) -> list[int]:
    """The places of texts that stand earlier, alone or in a row, in another element; texts of no interest are empty."""
    earlier: defaultdict[str, list[int]] = defaultdict(list)
    found: list[int] = []
    place = 0
    while place < len(texts):
        starts = earlier[texts[place]][:_MOST_PLACES] if texts[place] else []
        starts = [start for start in starts if _is_apart(blocks[start], blocks[place])]
        length = max((_length(texts, start, place) for start in starts), default=0)
        chars = sum(map(len, texts[place : place + length]))
        if chars >= shape.of_one or (length > 1 and chars >= shape.of_row):
            found.extend(range(place, place + length))
        for here in range(place, place + max(length, 1)):
            earlier[texts[here]].append(here)
        place += max(length, 1)
    return found


def _is_apart(one: Block, other: Block) -> bool:
    """Whether blocks stand in two elements that are not one like the other beside it, as are the verses of a song."""
    if one.nodes[-2:-1] == other.nodes[-2:-1]:
        return False
    return one.path != other.path or one.nodes[-3:-2] != other.nodes[-3:-2]


def _length(texts: Sequence[str], start: int, again: int) -> int:
    """How many texts from one place on stand from the other place on as well."""
    length = 0
    while again + length < len(texts) and start + length < again and texts[again + length]:
        if texts[start + length] != texts[again + length]:
            break
        length += 1
    return length
