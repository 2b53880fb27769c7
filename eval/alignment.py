"""Gold text to gold blocks: which blocks of a page make up a reference text."""

from __future__ import annotations

from typing import Any

from indexlm.page import Page
from indexlm.text import words

__all__ = ["align"]

_SHORT = 4  # words
_NEAR = 5  # blocks
_FAR = 1 << 30


def align(page: Page, gold_text: str) -> tuple[int, ...]:
    """A page and its reference text -> the indices of the blocks that the reference is made of.

    The longest common subsequence of words (rapidfuzz) says which words of a block stand in the gold text
    in order. A block is gold when more than half of its words match. A menu word may match by chance, so
    a block of at most `_SHORT` words must also match without a gap and touch, in the gold text, the words
    of a block that stands near it on the page.
    """
    from rapidfuzz.distance import LCSseq

    gold = words(gold_text)
    per_block = [words(block.text) for block in page.blocks]
    owner = [i for i, block in enumerate(per_block) for _ in block]
    matches: list[list[int]] = [[] for _ in per_block]  # the gold positions that a block's words match
    holder: dict[int, int] = {}  # gold position -> block
    edits: Any = LCSseq.opcodes([word for block in per_block for word in block], gold)
    for operation, start, end, gold_start, _ in edits:
        if operation == "equal":
            for k in range(end - start):
                matches[owner[start + k]].append(gold_start + k)
                holder[gold_start + k] = owner[start + k]
    chosen = []
    for i, (block, found) in enumerate(zip(per_block, matches, strict=True)):
        if len(found) * 2 <= len(block):
            continue
        if len(block) <= _SHORT:
            neighbours = (holder.get(found[0] - 1, _FAR), holder.get(found[-1] + 1, _FAR))
            touches = any(abs(neighbour - i) <= _NEAR for neighbour in neighbours)
            if found[-1] - found[0] >= len(found) or not (touches or len(found) == len(gold)):
                continue
        chosen.append(i)
    return tuple(i + 1 for i in _settle(chosen, per_block))


def _settle(chosen: list[int], per_block: list[list[str]]) -> list[int]:
    """Move each chosen block to the copy of it that stands nearest to the blocks chosen before and after it.

    A breadcrumb that repeats the heading matches as well as the heading does: only the place tells them apart.
    """
    settled = list(chosen)
    for k in range(len(chosen) - 1, -1, -1):
        here = chosen[k]
        low = chosen[k - 1] if k else -_FAR
        high = settled[k + 1] if k + 1 < len(chosen) else _FAR
        span = range(max(low + 1, 0), min(high, len(per_block)))
        copies = [i for i in span if per_block[i] == per_block[here]]
        settled[k] = min(copies, key=lambda i: (min(high - i, i - low), high - i), default=here)
    return settled
