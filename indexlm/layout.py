"""What a whole page says about each of its blocks.

A window shows a model only a part of a page. These numbers tell it about the rest. They are computed over all blocks
and written into the rendered prompt, so that both heads see the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, chain
from math import log2
from typing import TYPE_CHECKING, NamedTuple

from indexlm.page import Block, Page
from indexlm.paths import paths_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BOILERPLATE = ("nav", "footer", "header", "aside")
_PROSE_WORDS = 8  # a block of fewer words is no prose


class PageLayout(NamedTuple):
    """Numbers of the page as a whole.

    `blocks` and `words` are log2 of their counts. `prose_blocks` is the share of the blocks that are prose,
    `prose_share` the share of the prose in the element that holds most of it, `largest_path` the share of the blocks on
    the most frequent path.
    """

    blocks: float = 0.0
    words: float = 0.0
    link_density: float = 0.0
    prose_blocks: float = 0.0
    prose_share: float = 0.0
    largest_path: float = 0.0


class Layout(NamedTuple):
    """Numbers of each block, in lists with one entry a block, and of the `page`.

    `words`: word count. `prose`: words in running text (0 in boilerplate elements). `prose_levels`, `word_levels`:
    levels between the block and the element that holds most of the prose, or of the words (0 inside it, at most 9).
    `rarity`: -log2 of the share of the page's words on the block's path. `alike`: blocks on the same path. `place`:
    share of the page's words before the block. `path_links`: link density of the blocks on the same path.
    """

    words: list[int]
    prose: list[float]
    prose_levels: list[int]
    word_levels: list[int]
    rarity: list[float]
    alike: list[int]
    place: list[float]
    path_links: list[float]
    page: PageLayout


def measure_layout(page: Page) -> Layout:
    """A page -> its layout."""
    blocks = page.blocks
    if not blocks:
        return Layout([], [], [], [], [], [], [], [], PageLayout())
    counts = [word_count(block) for block in blocks]
    densities = [block.link_density for block in blocks]
    total = sum(counts)
    groups, boilerplate = _groups(page)
    group_total = max(groups) + 1
    group_words, group_links, group_blocks = [0] * group_total, [0.0] * group_total, [0] * group_total
    for count, density, group in zip(counts, densities, groups, strict=True):
        group_words[group] += count
        group_links[group] += count * density
        group_blocks[group] += 1
    prose = [
        0.0 if count < _PROSE_WORDS or in_boilerplate or block.hidden else count * (1 - density) ** 2
        for block, count, density, in_boilerplate in zip(blocks, counts, densities, boilerplate, strict=True)
    ]
    ancestors = _Ancestors.of(blocks)
    prose_chain, prose_share = _heaviest(blocks, ancestors, prose, 0.6)
    word_chain, _ = _heaviest(blocks, ancestors, counts, 0.5)
    rarity = [-log2(count / total) for count in group_words]
    group_densities = [links / count for links, count in zip(group_links, group_words, strict=True)]
    return Layout(
        words=counts,
        prose=prose,
        prose_levels=_levels(ancestors, prose_chain),
        word_levels=_levels(ancestors, word_chain),
        rarity=[rarity[group] for group in groups],
        alike=[group_blocks[group] for group in groups],
        place=[(before - count) / total for before, count in zip(accumulate(counts), counts, strict=True)],
        path_links=[group_densities[group] for group in groups],
        page=PageLayout(
            blocks=log2(len(blocks)),
            words=log2(total),
            link_density=sum(group_links) / total,
            prose_blocks=(len(blocks) - prose.count(0.0)) / len(blocks),
            prose_share=prose_share,
            largest_path=max(group_blocks) / len(blocks),
        ),
    )


def word_count(block: Block) -> int:
    """A block -> its words, cheaply: its spaces and one, but at least one for 12 bytes of text.

    Twelve bytes are four characters of a script without spaces.
    """
    text = block.text
    size = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
    words, least = text.count(" ") + 1, size // 12
    return words if words > least else least


def _groups(page: Page) -> tuple[list[int], list[bool]]:
    """Of each block: the number of its group of blocks that are alike, and whether it stands in boilerplate."""
    paths = paths_of(page)
    signatures = [_signature(path) for path in paths.different]
    boilerplate = {label for label in paths.labels if label.startswith(_BOILERPLATE)}
    kinds: dict[tuple[str, int], int] = {}
    kind_of = [
        kinds.setdefault((block.tag, place), len(kinds)) for block, place in zip(page.blocks, paths.places, strict=True)
    ]
    numbers: dict[tuple[str, ...], int] = {}
    groups = [numbers.setdefault((tag, *signatures[place]), len(numbers)) for tag, place in kinds]
    return [groups[kind] for kind in kind_of], paths.each(lambda path: not boilerplate.isdisjoint(path))


def _signature(path: tuple[str, ...]) -> tuple[str, ...]:
    """What makes two blocks alike in a template: their own element and the four around it, by tag and first word."""
    return tuple(map(_short, path[-5:]))


@lru_cache(maxsize=8192)
def _short(label: str) -> str:
    return ".".join(label.split(".", 2)[:2])


class _Ancestors(NamedTuple):
    """The elements of all blocks in one array: those of block i are `nodes[starts[i] : starts[i] + depths[i]]`."""

    nodes: NDArray[np.int64]
    starts: NDArray[np.int64]
    depths: NDArray[np.int64]

    @classmethod
    def of(cls, blocks: Sequence[Block]) -> _Ancestors:
        import numpy as np

        depths = np.array([len(block.nodes) for block in blocks], np.int64)
        nodes = np.fromiter(chain.from_iterable(block.nodes for block in blocks), np.int64, int(depths.sum()))
        return cls(nodes, np.cumsum(depths) - depths, depths)


def _heaviest(
    blocks: Sequence[Block], ancestors: _Ancestors, weights: Sequence[float], least: float
) -> tuple[tuple[int, ...], float]:
    """The chain of elements down to the deepest one that holds at least `least` of the weight, and its share."""
    import numpy as np

    total = sum(weights)
    if not total:
        return (), 0.0
    mass = np.bincount(ancestors.nodes, np.repeat(np.array(weights, np.float64), ancestors.depths))
    heavy = set(np.flatnonzero(mass >= least * total).tolist())
    # What lies below a node lies below its ancestors too: any block under the deepest heavy node names the chain.
    chosen: tuple[int, ...] = ()
    for block, weight in zip(blocks, weights, strict=True):
        depth = len(chosen)
        if weight and len(block.nodes) > depth and block.nodes[depth] in heavy:
            while depth < len(block.nodes) and block.nodes[depth] in heavy:
                depth += 1
            chosen = block.nodes[:depth]
            if depth == len(heavy):
                break
    return chosen, (float(mass[chosen[-1]]) / total if chosen else 0.0)


def _levels(ancestors: _Ancestors, heaviest: tuple[int, ...]) -> list[int]:
    """How far up the chain a block's own ancestors join it: 0 inside the last element, 9 at most."""
    import numpy as np

    nodes, starts, depths = ancestors
    is_heavy = np.zeros(nodes.max(initial=0) + 1, np.bool_)
    is_heavy[list(heaviest)] = True
    before = np.concatenate(([0], np.cumsum(is_heavy[nodes])))  # of the chain, in all blocks so far
    joined = before[starts + depths] - before[starts]
    levels: list[int] = np.minimum(len(heaviest) - joined, 9).tolist()
    return levels
