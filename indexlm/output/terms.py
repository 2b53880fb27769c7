"""Lists of terms (`<dl>`) in Markdown, which has none: each term begins an item that holds what it means."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexlm.page import Block

Chain = tuple[tuple[str, int], ...]
"""The lists, items, tables and quotations around a block, from the outermost: tag and node of each."""

_MARKED = re.compile(r"<(?:b|strong|em|i|code|kbd|samp|var|img|input|span)\b")
_NO_COLON = re.compile(r"[^\w)\]’'”\"»>*+]\Z")
_MOST_BOLD = 100  # characters of a term


def terms_as_items(page_blocks: Sequence[Block], kept: Sequence[Block], chains: Sequence[Chain]) -> list[Chain]:
    """A page's blocks, the kept ones and what is around each of these -> the same with an item for each term.

    A meaning without its term stays what it is, and so does a list with headings in it.
    """
    nodes = {node for chain in chains for _, node in chain}
    with_headings = {
        node
        for block, chain in zip(kept, chains, strict=True)
        if block.is_heading
        for tag, node in chain
        if tag == "dl"
    }
    items = {part: item for part, item in _items(page_blocks).items() if item in nodes}
    return [_in_items(chain, items, with_headings) for chain in chains]


def _items(blocks: Sequence[Block]) -> dict[int, int]:
    """By term and by meaning, the first of the terms that it stands with."""
    items: dict[int, int] = {}
    last: dict[int, tuple[int, str]] = {}  # of each list, the item and the tag of its last part
    for block in blocks:
        around = 0
        for label, node in zip(block.path, block.nodes, strict=True):
            tag = label.partition(".")[0]
            if tag == "dl":
                around = node
            elif tag in ("dt", "dd") and around and node not in items:
                item, before = last.get(around, (0, "dd"))
                items[node] = node if tag == "dt" and before == "dd" else item
                last[around] = items[node], tag
    return items


def _in_items(chain: Chain, items: dict[int, int], left: set[int]) -> Chain:
    made = list(chain)
    for i in range(len(chain) - 1):
        (outer, terms), (part, node) = chain[i : i + 2]
        if outer == "dl" and part in ("dt", "dd") and terms not in left and node in items:
            made[i : i + 2] = [("ul", terms), ("li", items[node])]
    return tuple(made)


def term_lines(kept: Sequence[Block], chains: Sequence[Chain], made: Sequence[Chain]) -> dict[int, str]:
    """Kept blocks, and what is around each before and after `terms_as_items` -> by index, the lines of terms.

    A term is bold unless its own markup says how it looks. A meaning of one paragraph stands in the line of its term,
    and has none of its own.
    """
    inside: dict[int, list[int]] = {}  # by item, the places of its blocks
    terms = [i for i, chain in enumerate(chains) if chain and chain[-1][0] == "dt" and made[i][-1][0] == "li"]
    for i, chain in enumerate(made):
        for tag, node in chain:
            if tag == "li":
                inside.setdefault(node, []).append(i)
    lines = {}
    for i in terms:
        term, places = kept[i], inside[made[i][-1][1]]
        if term.tag == "pre":
            continue
        lines[term.index] = f"<p>{_bold(term)}</p>"
        meaning = kept[places[-1]]
        if len(places) == 2 and chains[places[-1]][-1][0] == "dd" and meaning.tag != "pre":
            lines |= {term.index: term_with(term, meaning), meaning.index: ""}
    return lines


def term_with(term: Block, meaning: Block) -> str:
    """A term and what it means, on one line."""
    sign = "" if _NO_COLON.search(term.text) else ":"
    return f"{_bold(term)}{sign} {meaning.inner}"


def _bold(term: Block) -> str:
    is_plain = not _MARKED.search(term.inner) and len(term.text) <= _MOST_BOLD
    return f"<strong>{term.inner}</strong>" if is_plain else term.inner
