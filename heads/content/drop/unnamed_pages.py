"""Links beside the text of a page whose elements have no names.

Trees know menus and lists of other pages by the names of their elements. Of a page whose attributes were taken away,
by a cleaner or a data set, only the structure is left: which element holds the running text, and what stands outside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from heads.content.drop.names import FILE
from heads.content.drop.short_pages import CORE_SHARE
from indexlm.layout import word_count
from indexlm.page import Block, Page
from indexlm.paths import heading_of

_MIN_WORDS = 10  # of a block of running text, and below which a block beside links goes with them
_MIN_TEXT = 60  # words of running text
_MIN_BLOCKS = 2  # of running text; below one alone, as on a list of goods, links are content
_MOST_LINKS = 10.0  # words of the kept links outside, against those of the running text
_LINKED = 0.8  # of the characters of a link
_RUNNING = 0.3  # linked characters of running text


def links_beside(page: Page, indices: Iterable[int]) -> set[int]:
    """The links outside of the element that holds the running text of `indices`, and the few words among them."""
    if any("." in label for block in page.blocks for label in block.path):
        return set()
    kept = [page.blocks[i - 1] for i in sorted(indices)]
    sizes: Counter[int] = Counter()
    counts: Counter[int] = Counter()
    text = 0
    for block in kept:
        words = word_count(block)
        if words >= _MIN_WORDS and not block.is_heading and block.link_chars < _RUNNING * block.chars:
            text += words
            sizes.update(dict.fromkeys(block.nodes, words))
            counts.update(block.nodes)
    core = max((node for node, words in sizes.items() if words >= CORE_SHARE * text), default=0)
    outside = [block for block in page.blocks if core not in block.nodes]
    links = (block for block in outside if block.link_chars >= _LINKED * block.chars)
    found = {block.index for block in links if not FILE.search(block.inner)}
    if (
        text < _MIN_TEXT
        or counts[core] < _MIN_BLOCKS
        or sum(word_count(block) for block in kept if block.index in found) > _MOST_LINKS * text
    ):
        return set()
    for run in _runs(page.blocks, core):
        linked = sum(block.chars for block in run if block.index in found)
        if 2 * linked >= sum(block.chars for block in run) and len(run) > 2:
            found.update(block.index for block in run if word_count(block) < _MIN_WORDS and block.tag != "h1")
    return found - {heading_of(page)}


def _runs(blocks: Iterable[Block], core: int) -> Iterable[list[Block]]:
    """The blocks outside of an element, as runs that no block of it parts."""
    run: list[Block] = []
    for block in blocks:
        if core in block.nodes:
            yield run
            run = []
        else:
            run.append(block)
    yield run
