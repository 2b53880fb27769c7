"""Texts that a page shows again: descriptions of a product, previews of a post, a box for each size of screen.

The first copy says it all. Copies that the segmenter leaves out (`indexlm.html.hidden.copies`) are elements that are
the same as a whole, with names that tell why; these are any texts in a row that a head keeps twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from heads.content.drop.comments import is_shop
from heads.content.keep.food import AMOUNT
from indexlm.labels import list_node
from indexlm.page import Block, Page
from indexlm.patterns import late

_LEAST_TEXT = 8  # characters of a block that counts
_MOST_COPIES = 3  # of a text in elements of one path; more are lines of a pattern, as in each of many cards
_MOST_IN_ALL = 8  # of a text wherever it stands
_MOST_PLACES = 4  # earlier places of a text that are looked at
_MOST_BEFORE = 60  # blocks before a copy that are looked at
_NAME_ENDS = ("?", "？", "؟", "\u037e", ":", "：")
_OF_SCREEN = late(r"^noscript\b|\.(?:hide|show|hidden|visible|mobile|desktop|tablet|phone|excerpt|preview)(?:\.|$)")
"""Names of boxes of which a page shows one by the size of its screen, or before the whole text."""


class _Row(NamedTuple):
    """Texts that stand in a row at one place and at another: the first place, the place again, and how many."""

    first: int
    again: int
    length: int


class _Shape(NamedTuple):
    """What is a copy: tags that are none, the least characters of one block, and of several in a row."""

    unlike: frozenset[str]
    of_one: int
    of_row: int


_ROWS = frozenset(["tr", "th", "pre", "dt", "dd", "figcaption", "caption"])
_ANYWHERE = _Shape(_ROWS | {"li"}, 150, 100)  # items are said again of each of several plans
_IN_SHOP = _Shape(_ROWS, 40, 60)


def drop_repeats(page: Page, kept: set[int]) -> None:
    """Drop kept texts that are kept above in an element of another path, alone or in a row.

    Not rows of tables, code, items of a list but whole lists in shops, amounts of money there, a variant that its page
    hides until it is chosen, refrains, lines that many like elements have, and what has a name of its own, as an answer
    to two questions has.
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
    rows = _copies(blocks, texts, shape)
    if not rows:
        return
    firsts = {block.text: block.index for block in reversed(page.blocks)}
    rows = [row for row in rows if not _has_name(page, kept, blocks[row.first], blocks[row.again], firsts)]
    copies = {again for row in rows for again in range(row.again, row.again + row.length)}
    in_part = _in_part(page, {places[again] for again in copies})
    for again in copies:
        block = blocks[again]
        is_few = patterns[block.text, block.path] <= _MOST_COPIES and counts[block.text] <= _MOST_IN_ALL
        if is_few and list_node(block) not in in_part:
            kept.discard(places[again])


def _counts(block: Block, shape: _Shape, in_shop: bool) -> bool:
    is_like = block.tag not in shape.unlike and block.hidden_by != "hidden attribute"
    return is_like and not (in_shop and AMOUNT.search(block.text))


def _copies(blocks: Sequence[Block], texts: Sequence[str], shape: _Shape) -> list[_Row]:
    """The texts that stand earlier, alone or in a row, in another element; texts of no interest are empty."""
    earlier: defaultdict[str, list[int]] = defaultdict(list)
    found: list[_Row] = []
    place = 0
    while place < len(texts):
        starts = earlier[texts[place]][:_MOST_PLACES] if texts[place] else []
        lengths = [(_length(texts, start, place), start) for start in starts if _is_apart(blocks[start], blocks[place])]
        length, start = max(lengths, default=(0, 0))
        chars = sum(map(len, texts[place : place + length]))
        if chars >= shape.of_one or (length > 1 and chars >= shape.of_row):
            found.append(_Row(start, place, length))
        for here in range(place, place + max(length, 1)):
            earlier[texts[here]].append(here)
        place += max(length, 1)
    return found


def _is_apart(one: Block, other: Block) -> bool:
    """Whether blocks stand in two elements that are not one like the other, as are the verses of a song."""
    return one.nodes[-2:-1] != other.nodes[-2:-1] and one.path != other.path


def _has_name(page: Page, kept: set[int], first: Block, again: Block, firsts: Mapping[str, int]) -> bool:
    """Whether a copy belongs to another thing than the first text: a question, a section, a product.

    So it does if anything kept of its own stands before it in its element, or a name of its own above it. `firsts` has
    the first place of each text.
    """
    depth = next((i for i, (one, other) in enumerate(zip(first.nodes, again.nodes, strict=False)) if one != other), -1)
    around = again.nodes[depth]
    if any(map(_OF_SCREEN.search, (first.path[depth], again.path[depth]))):
        return False
    for before in reversed(page.blocks[max(first.index, again.index - 1 - _MOST_BEFORE) : again.index - 1]):
        if firsts[before.text] <= first.index:
            continue
        is_named = before.is_heading or before.tag == "dt"
        if around in before.nodes and (is_named or before.index in kept):
            return True
        is_named |= before.index in kept and before.text.endswith(_NAME_ENDS)
        if is_named and (before.index == again.index - 1 or set(before.nodes[-2:-1]) <= set(again.nodes)):
            return True
    return False


def _in_part(page: Page, copies: set[int]) -> set[int]:
    """The lists of which some items are copies, and others are not."""
    nodes = {list_node(page.blocks[i - 1]) for i in copies if page.blocks[i - 1].tag == "li"}
    return {
        node for block in page.blocks if nodes and block.index not in copies for node in nodes.intersection(block.nodes)
    }


def _length(texts: Sequence[str], start: int, again: int) -> int:
    """How many texts from one place on stand from the other place on as well."""
    length = 0
    while again + length < len(texts) and start + length < again and texts[again + length]:
        if texts[start + length] != texts[again + length]:
            break
        length += 1
    return length
