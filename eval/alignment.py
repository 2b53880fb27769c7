"""Gold alignment: a page and its reference text -> the blocks that make it up."""

from __future__ import annotations

from typing import Any

from indexlm.page import Page
from indexlm.text import words

_MAX_SHORT_WORDS = 4
_MAX_DISTANCE = 5  # blocks
_FAR = 1 << 30


def align(page: Page, gold_text: str) -> tuple[int, ...]:
    """A page and its reference text -> the gold blocks, 1-based and ascending.

    Words are matched by the longest common subsequence of page and reference (rapidfuzz). A block is gold when more
    than half of its words match. A short block, such as a menu item, may match by chance. So a block of at most
    `_MAX_SHORT_WORDS` words must also match without a gap, and its match must touch that of a block at most
    `_MAX_DISTANCE` away on the page.
    """
    from rapidfuzz.distance import LCSseq

    gold = words(gold_text)
    per_block = [words(block.text) for block in page.blocks]
    owner = [i for i, block in enumerate(per_block) for _ in block]
    matches: list[list[int]] = [[] for _ in per_block]  # the gold positions that a block's words match
    block_at: dict[int, int] = {}  # gold position -> block
    edits: Any = LCSseq.opcodes([word for block in per_block for word in block], gold)
    for operation, start, end, gold_start, _ in edits:
        if operation == "equal":
            for k in range(end - start):
                matches[owner[start + k]].append(gold_start + k)
                block_at[gold_start + k] = owner[start + k]
    chosen = []
    for i, (block, positions) in enumerate(zip(per_block, matches, strict=True)):
        if len(positions) * 2 <= len(block):
            continue
        if len(block) <= _MAX_SHORT_WORDS:
            neighbours = (block_at.get(positions[0] - 1, _FAR), block_at.get(positions[-1] + 1, _FAR))
            touches = any(abs(neighbour - i) <= _MAX_DISTANCE for neighbour in neighbours)
            if positions[-1] - positions[0] >= len(positions) or not (touches or len(positions) == len(gold)):
                continue
        chosen.append(i)
    return tuple(i + 1 for i in _nearest_copies(chosen, per_block))


def _nearest_copies(chosen: list[int], per_block: list[list[str]]) -> list[int]:
    """Replace each chosen block by its copy that is nearest to the blocks chosen before and after it.

    A breadcrumb with the same text as the heading matches as well as the heading: only its place differs.
    """
    moved = list(chosen)
    for k in range(len(chosen) - 1, -1, -1):
        here = chosen[k]
        low = chosen[k - 1] if k else -_FAR
        high = moved[k + 1] if k + 1 < len(chosen) else _FAR
        span = range(max(low + 1, 0), min(high, len(per_block)))
        copies = [i for i in span if per_block[i] == per_block[here]]
        moved[k] = min(copies, key=lambda i: (min(high - i, i - low), high - i), default=here)
    return moved
