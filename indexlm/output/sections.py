"""Lists in Markdown whose items are sections: their headings say it, and in an item many readers would miss them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from indexlm.output.terms import Chain
from indexlm.page import Block

_LEAD = 40  # characters of what may stand above the heading of an item


def without_lists_of_sections(blocks: Sequence[Block], chains: Sequence[Chain]) -> list[Chain]:
    """Kept blocks and what is around each -> the same without lists of which half begins with headings.

    Lists with numbers stay.
    """
    begun: Counter[int] = Counter()  # by item, the blocks so far; more where they are no lead
    headed: set[int] = set()  # items
    items: defaultdict[int, set[int]] = defaultdict(set)
    for block, chain in zip(blocks, chains, strict=True):
        for (tag, node), (part, item) in pairwise(chain):
            if tag != "ul" or part != "li":
                continue
            items[node].add(item)
            if block.is_heading and begun[item] < 2:
                headed.add(item)
            begun[item] += 1 if block.chars <= _LEAD else 2
    if not headed:
        return [*chains]
    lists = {node for node, inside in items.items() if 2 * len(inside & headed) >= len(inside)}
    return [_without(chain, lists) for chain in chains]


def _without(chain: Chain, lists: set[int]) -> Chain:
    is_left = [
        (tag == "ul" and node in lists) or (i > 0 and chain[i - 1][0] == "ul" and chain[i - 1][1] in lists)
        for i, (tag, node) in enumerate(chain)
    ]
    return tuple(part for part, left in zip(chain, is_left, strict=True) if not left)
