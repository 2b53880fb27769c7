"""What the layout of a whole page says about each of its blocks.

A window shows a model only some of a page. These figures tell it the rest: they are computed over all
blocks and written into the rendered prompt, so that both heads see the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from itertools import chain, pairwise
from math import log, log2
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from indexlm.align import WORDS, words
from indexlm.page import Block, Page

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Figures", "find_terms", "measure", "size"]

_BOILERPLATE = ("nav", "footer", "header", "aside")
_PROSE_WORDS = 8
_STEM = 6  # letters of a word that are matched
_PLURAL = 3  # letters of the longest word whose final s is no ending


class Figures(NamedTuple):
    """Numbers over a whole page; every list holds one a block.

    `words` and `prose` (words in running text, 0 for boilerplate by its element), `prose_levels` and `word_levels`
    (how many levels lie between a block and the element that holds most of the prose, and of all words),
    `rarity` (-log2 of the share of words on the block's path), `alike` (blocks on the path), `place` (share
    of the words that stand before), `path_links` (link density of the path's blocks); for a query `matches`, the
    share of its weight that a block holds, and `terms`, what each of its terms weighs. `page`: log2 of blocks and of
    words, link density, share of blocks that are prose, share of prose in the element that holds most, share of blocks
    on the most frequent path.
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
    terms: dict[str, float]
    page: tuple[float, ...]


def measure(page: Page) -> Figures:
    """A page -> its figures."""
    blocks = page.blocks
    if not blocks:
        return Figures([], [], [], [], [], [], [], [], [], {}, (0.0,) * 6)
    counts = [size(block) for block in blocks]
    links = [block.link_density for block in blocks]
    total = sum(counts)
    groups: dict[tuple[str, ...], int] = {}  # a number for each set of blocks that are alike
    seen: dict[tuple[str, tuple[str, ...]], tuple[int, bool]] = {}  # most blocks share their path with another
    group, boilerplate = [], []
    for block in blocks:
        key = (block.tag, block.path)
        if key not in seen:
            signature = (block.tag, *_signature(block.path))
            seen[key] = groups.setdefault(signature, len(groups)), _is_boilerplate(block.path)
        number, is_boilerplate = seen[key]
        group.append(number)
        boilerplate.append(is_boilerplate)
    group_words, group_links, group_blocks = [0] * len(groups), [0.0] * len(groups), [0] * len(groups)
    prose = []
    before = 0
    place = []
    for block, count, density, number, is_boilerplate in zip(blocks, counts, links, group, boilerplate, strict=True):
        group_words[number] += count
        group_links[number] += count * density
        group_blocks[number] += 1
        no_prose = count < _PROSE_WORDS or block.hidden or is_boilerplate
        prose.append(0.0 if no_prose else count * (1 - density) ** 2)
        place.append(before / total)
        before += count
    ancestors = _Ancestors.of(blocks)
    prose_chain, prose_share = _heaviest(blocks, ancestors, prose, 0.6)
    word_chain, _ = _heaviest(blocks, ancestors, counts, 0.5)
    matches, terms = _query_matches(page)
    rarity = [-log2(count / total) for count in group_words]
    shares = [held / count for held, count in zip(group_links, group_words, strict=True)]
    return Figures(
        words=counts,
        prose=prose,
        prose_levels=_levels(ancestors, prose_chain),
        word_levels=_levels(ancestors, word_chain),
        rarity=[rarity[number] for number in group],
        alike=[group_blocks[number] for number in group],
        place=place,
        path_links=[shares[number] for number in group],
        matches=matches,
        terms=terms,
        page=(
            log2(len(blocks)),
            log2(total),
            sum(group_links) / total,
            sum(weight > 0 for weight in prose) / len(blocks),
            prose_share,
            max(group_blocks) / len(blocks),
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


class _Ancestors(NamedTuple):
    """The elements of all blocks in one array: those of block i are `nodes[starts[i] : starts[i] + depths[i]]`."""

    nodes: NDArray[np.int64]
    starts: NDArray[np.int64]
    depths: NDArray[np.int64]

    @classmethod
    def of(cls, blocks: Sequence[Block]) -> _Ancestors:
        depths = np.array([len(block.nodes) for block in blocks], np.int64)
        nodes = np.fromiter(chain.from_iterable(block.nodes for block in blocks), np.int64, int(depths.sum()))
        return cls(nodes, np.cumsum(depths) - depths, depths)


def _heaviest(
    blocks: Sequence[Block], ancestors: _Ancestors, weights: Sequence[float], least: float
) -> tuple[tuple[int, ...], float]:
    """The chain of elements down to the deepest one that holds at least `least` of the weight, and its share."""
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
    return chosen, (float(mass[chosen[-1]]) / total if chosen else 0.0)


def _levels(ancestors: _Ancestors, heaviest: tuple[int, ...]) -> list[int]:
    """How far up the chain a block's own ancestors join it: 0 inside the last element, 9 at most."""
    nodes, starts, depths = ancestors
    within = np.ones(len(starts), np.bool_)  # the chain's elements so far
    levels = np.full(len(starts), len(heaviest))
    for depth, node in enumerate(heaviest):
        within &= depths > depth
        within[within] = nodes[starts[within] + depth] == node
        levels -= within
    found: list[int] = np.minimum(levels, 9).tolist()
    return found


def _stems(found: list[str]) -> set[str]:
    """Words -> those of more than a letter, without a final s and cut to `_STEM` letters."""
    return {(word.removesuffix("s") if len(word) > _PLURAL else word)[:_STEM] for word in found if len(word) > 1}


def _terms(text: str) -> set[str]:
    """Text -> its terms for matching: stems of words; unspaced scripts by character pairs."""
    found = words(text)
    return _stems(found) | {a + b for a, b in pairwise(found) if len(a) == len(b) == 1} or set(found)


def _query_matches(page: Page) -> tuple[list[float], dict[str, float]]:
    """How much of the query's weight each block holds, 0 to 1, and its terms' weights; none without a query.

    A term weighs by its inverse block frequency. On a page of few blocks this cannot tell function words, which are
    short in most languages: a stem counts the square of its share of `_STEM` letters.
    """
    if not page.query:
        return [], {}
    query = _terms(page.query)
    stems = {stem for stem in _stems(words(page.query)) if not stem.isdecimal()}
    held = [query & _terms(block.text) for block in page.blocks]
    frequency = Counter(term for terms in held for term in terms)
    weight = {
        term: (len(term) / _STEM) ** (2 * (term in stems)) * log(1 + (len(held) + 0.5) / (frequency[term] + 0.5))
        for term in query
    }
    total = sum(weight.values()) or 1.0
    return [sum(weight[term] for term in terms) / total for terms in held], weight


def find_terms(text: str, terms: Container[str]) -> list[tuple[int, str]]:
    """The places (characters) at which one of the terms stands in a text, with that term."""
    found = [(match.start(), match.group()) for match in WORDS.finditer(text.lower())]
    stems = [(place, stem) for place, word in found for stem in _stems([word])]
    pairs = [(place, a + b) for (place, a), (_, b) in pairwise(found) if len(a) == len(b) == 1]
    return sorted((place, term) for place, term in stems + pairs if term in terms)
