"""What the layout of a whole page says about each of its blocks.

A window shows a model only some of a page. These figures tell it the rest: they are computed over all
blocks and written into the rendered prompt, so that both heads see the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from math import log, log2
from typing import NamedTuple

from indexlm.align import words
from indexlm.page import Block, Page

__all__ = ["Figures", "measure", "size"]

_BOILERPLATE = ("nav", "footer", "header", "aside")
_PROSE_WORDS = 8


class Figures(NamedTuple):
    """Numbers over a whole page; every list holds one a block.

    `words` and `prose` (words in running text, 0 for boilerplate by its element), `prose_levels` and `word_levels`
    (how many levels lie between a block and the element that holds most of the prose, and of all words),
    `rarity` (-log2 of the share of words on the block's path), `alike` (blocks on the path), `place` (share
    of the words that stand before), `path_links` (link density of the path's blocks); for a query `matches`, the
    share of its weight (inverse block frequency) that a block holds. `page`: log2 of blocks and of words, link
    density, share of blocks that are prose, share of prose in the element that holds most, share of blocks on the
    most frequent path.
    """

    words: list[int]
    prose: list[float]
    prose_levels: list[int]
    word_levels: list[int]
    rarity: list[float]
    alike: list[int]
    place: list[float]
    path_links: list[float]
    matches: list[float]
    page: tuple[float, ...]


def measure(page: Page) -> Figures:
    """A page -> its figures."""
    blocks = page.blocks
    if not blocks:
        return Figures([], [], [], [], [], [], [], [], [], (0.0,) * 6)
    counts = [size(block) for block in blocks]
    total = sum(counts)
    cache: dict[tuple[str, ...], tuple[tuple[str, ...], bool]] = {}  # most blocks share their path with another
    for block in blocks:
        if block.path not in cache:
            cache[block.path] = (_signature(block.path), _is_boilerplate(block.path))
    paths = [(block.tag, *cache[block.path][0]) for block in blocks]
    path_words: defaultdict[tuple[str, ...], int] = defaultdict(int)
    path_links: defaultdict[tuple[str, ...], float] = defaultdict(float)
    for block, path, count in zip(blocks, paths, counts, strict=True):
        path_words[path] += count
        path_links[path] += count * block.link_density
    path_blocks = Counter(paths)
    prose = [
        0.0 if count < _PROSE_WORDS or block.hidden or cache[block.path][1] else count * (1 - block.link_density) ** 2
        for block, count in zip(blocks, counts, strict=True)
    ]
    prose_chain, prose_share = _heaviest(blocks, prose, 0.6)
    word_chain, _ = _heaviest(blocks, [float(c) for c in counts], 0.5)
    before = 0
    place = []
    for count in counts:
        place.append(before / total)
        before += count
    return Figures(
        words=counts,
        prose=prose,
        prose_levels=[_levels(block, prose_chain) for block in blocks],
        word_levels=[_levels(block, word_chain) for block in blocks],
        rarity=[-log2(path_words[path] / total) for path in paths],
        alike=[path_blocks[path] for path in paths],
        place=place,
        path_links=[path_links[path] / path_words[path] for path in paths],
        matches=_query_matches(page),
        page=(
            log2(len(blocks)),
            log2(total),
            sum(path_links.values()) / total,
            sum(weight > 0 for weight in prose) / len(blocks),
            prose_share,
            max(path_blocks.values()) / len(blocks),
        ),
    )


def size(block: Block) -> int:
    """A block -> its words, cheaply: by the spaces, but one for 12 bytes at least (four characters without spaces)."""
    return max(block.text.count(" ") + 1, len(block.text.encode("utf-8", "replace")) // 12)


def _signature(path: tuple[str, ...]) -> tuple[str, ...]:
    """What makes two blocks alike in a template: their own element and the four around it, by tag and first word."""
    return tuple(".".join(label.split(".", 2)[:2]) for label in path[-5:])


def _is_boilerplate(path: tuple[str, ...]) -> bool:
    return any(label.startswith(_BOILERPLATE) for label in path)


def _heaviest(blocks: tuple[Block, ...], weights: list[float], least: float) -> tuple[tuple[int, ...], float]:
    """The chain of elements down to the deepest one that holds at least `least` of the weight, and its share."""
    total = sum(weights)
    if not total:
        return (), 0.0
    mass: defaultdict[int, float] = defaultdict(float)
    for block, weight in zip(blocks, weights, strict=True):
        if weight:
            for node in block.nodes:
                mass[node] += weight
    # What lies below a node lies below its ancestors too: any block under the deepest heavy node names the chain.
    heavy = {node for node, weight in mass.items() if weight >= least * total}
    chain: tuple[int, ...] = ()
    for block, weight in zip(blocks, weights, strict=True):
        depth = len(chain)
        if weight and len(block.nodes) > depth and block.nodes[depth] in heavy:
            while depth < len(block.nodes) and block.nodes[depth] in heavy:
                depth += 1
            chain = block.nodes[:depth]
    return chain, (mass[chain[-1]] / total if chain else 0.0)


def _levels(block: Block, chain: tuple[int, ...]) -> int:
    """How far up the chain the block's own ancestors join it: 0 inside the last element, 9 at most."""
    shared = 0
    for a, b in zip(block.nodes, chain, strict=False):
        if a != b:
            break
        shared += 1
    return min(9, len(chain) - shared)


def _terms(text: str) -> set[str]:
    """Text -> its terms for matching: words cut to a stem of six letters; unspaced scripts by character pairs."""
    found = words(text)
    terms = {word[:6] for word in found if len(word) > 1}
    terms.update(a + b for a, b in pairwise(found) if len(a) == len(b) == 1)
    return terms or set(found)


def _query_matches(page: Page) -> list[float]:
    """How much of the query's inverse-block-frequency weight each block holds, 0 to 1; none without a query."""
    if not page.query:
        return []
    query = _terms(page.query)
    held = [query & _terms(block.text) for block in page.blocks]
    frequency = Counter(term for terms in held for term in terms)
    weight = {term: log(1 + (len(held) + 0.5) / (frequency[term] + 0.5)) for term in query}
    total = sum(weight.values()) or 1.0
    return [sum(weight[term] for term in terms) / total for terms in held]
