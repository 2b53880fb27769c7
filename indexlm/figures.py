"""What the layout of a whole page says about each of its blocks, in ten steps a figure.

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

__all__ = ["Figures", "measure"]

_BOILERPLATE = ("nav", "footer", "header", "aside")
_PROSE_WORDS = 8


class Figures(NamedTuple):
    """Hints as the prompt prints them: one string for the page, one a block."""

    page: str
    blocks: list[str]


def measure(page: Page) -> Figures:
    """A page -> its figures, each a letter and a digit from 0 to 9.

    Of a block: `w` words (log2), `d` link density; `m` and `k` how many levels lie between it and the
    element that holds most of the page's prose, and of all its words; `r` how rare its path is by the
    words that it holds (0: half of the page or more), `n` how many blocks share the path (log2); `p` its
    place in the page, `c` the link density of all blocks with its path. For a query, `q` the share
    of the query's weight (inverse block frequency) that the block holds, and `z` the same share
    measured by the page's best block.

    Of the page: `b` blocks and `w` words (log2), `d` link density, `x` the share of blocks that are
    prose, `y` the share of prose in the element that holds most of it, `z` the share of blocks on the
    most frequent path.
    """
    blocks = page.blocks
    if not blocks:
        return Figures("", [])
    counts = [_size(block) for block in blocks]
    total = sum(counts) or 1
    paths = [_signature(block) for block in blocks]
    path_words: Counter[tuple[str, ...]] = Counter()
    path_links: Counter[tuple[str, ...]] = Counter()
    for block, path, count in zip(blocks, paths, counts, strict=True):
        path_words[path] += count
        path_links[path] += count * block.link_density  # type: ignore[assignment]
    path_blocks = Counter(paths)
    prose = [
        0.0 if count < _PROSE_WORDS or block.hidden or _is_boilerplate(block) else count * (1 - block.link_density) ** 2
        for block, count in zip(blocks, counts, strict=True)
    ]
    prose_chain, prose_share = _heaviest(blocks, prose, 0.6)
    word_chain, _ = _heaviest(blocks, [float(c) for c in counts], 0.5)
    matches = _query_matches(page)
    best = max(matches, default=0.0) or 1.0

    hints = []
    before = 0
    for i, (block, path, count) in enumerate(zip(blocks, paths, counts, strict=True)):
        group = path_words[path] or 1
        hint = (
            f"w{_log(count)}d{_share(block.link_density)}"
            f" m{_levels(block, prose_chain)}k{_levels(block, word_chain)}"
            f" r{min(9, int(-log2(group / total)))}n{_log(path_blocks[path])}"
            f" p{min(9, 10 * before // total)}c{_share(path_links[path] / group)}"
        )
        if matches:
            hint += f" q{_share(matches[i])}z{_share(matches[i] / best)}"
        hints.append(hint)
        before += count
    links = sum(path_links.values()) / total
    prose_blocks = sum(weight > 0 for weight in prose) / len(blocks)
    of_page = (
        f"b{_log(len(blocks))}w{min(9, _log(total) * 2 // 3)} d{_share(links)}x{_share(prose_blocks)}"
        f" y{_share(prose_share)}z{_share(max(path_blocks.values()) / len(blocks))}"
    )
    return Figures(of_page, hints)


def _size(block: Block) -> int:
    """Words, cheaply: by the spaces, but one for 12 bytes at least (scripts without spaces: four characters)."""
    return max(block.text.count(" ") + 1, len(block.text.encode("utf-8", "replace")) // 12)


def _signature(block: Block) -> tuple[str, ...]:
    """What makes two blocks alike in a template: their own element and the four around it, by tag and first word."""
    return (block.tag, *(".".join(label.split(".", 2)[:2]) for label in block.path[-5:]))


def _log(count: int) -> int:
    return min(9, count.bit_length() - 1) if count > 0 else 0


def _share(share: float) -> int:
    """A share -> 0 for (nearly) none, 9 for (nearly) all, 1 to 8 between."""
    if share <= 0.02:
        return 0
    return 9 if share >= 0.95 else 1 + int(share * 8.42)


def _is_boilerplate(block: Block) -> bool:
    return any(label.startswith(_BOILERPLATE) for label in block.path)


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
    # More than half of the weight lies below a node only if it lies below its ancestors too: any block
    # under the deepest such node names the chain.
    chain: tuple[int, ...] = ()
    for block, weight in zip(blocks, weights, strict=True):
        if weight:
            depth = sum(mass[node] >= least * total for node in block.nodes)
            if depth > len(chain):
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
