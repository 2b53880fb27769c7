"""Blocks that are kept because they belong to kept text: its beginning, code, links to other sites, who is quoted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from heads.content.blocks import may_be_content, other_hosts
from indexlm.labels import list_node, shared_depth
from indexlm.page import Block, Page

_MIN_CODE_SCORE = 0.05  # tree score of code that is kept because it stands in kept text
_NEAR_CODE = 3  # blocks behind the last kept one
_MIN_LINK_SCORE = 0.2  # tree score of a link to another site below a heading of kept text
_MIN_TEXT = 40  # characters of a text to which such links belong
_MIN_BEGINNING, _MAX_BEGINNING = 4, 60  # characters of a place and a date before a text
_MAX_SOURCE, _SOURCES = 120, frozenset(["footer", "cite", "figcaption"])  # characters and tags of who is quoted
_DASHES = ("—", "–", "-", "―")
_OPERATION = re.compile(r"(?:get|post|put|patch|delete|head|options|trace)\s?/\S*", re.IGNORECASE)


def keep_links(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep lists of links to other sites below a heading beside kept text: its writer chose them."""
    around = {block.nodes[:-1] for block in (page.blocks[i - 1] for i in kept) if _is_text(block)}
    for heading in page.blocks:
        if not heading.is_heading or heading.link_chars or heading.nodes[:-1] not in around:
            continue
        node, items = 0, []
        for block in page.blocks[heading.index :]:
            node = node or list_node(block)
            if not node or node not in block.nodes:
                break
            items.append(block)
        if (
            items
            and items[0].nodes[: items[0].nodes.index(node)] == heading.nodes[:-1]
            and not kept.issuperset(block.index for block in items)
            and max(tree_scores[block.index - 1] for block in items) >= _MIN_LINK_SCORE
            and all(other_hosts(page, [block]) and not block.hidden for block in items)
        ):
            kept.update(block.index for block in items)


def _is_text(block: Block) -> bool:
    return block.chars >= _MIN_TEXT and 2 * block.link_chars <= block.chars


def keep_beside(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep what belongs to kept text: a place and date before its first dash, code, and operations of HTTP."""
    if not kept:
        return
    first, last = min(kept), max(kept)
    for block in page.blocks[max(first - 2, 0) :]:  # nothing belongs to what stands behind it but its beginning
        if block.index in kept or block.hidden:
            continue
        if block.tag == "pre":
            is_near = first < block.index <= last + _NEAR_CODE and tree_scores[block.index - 1] >= _MIN_CODE_SCORE
            kept.update([block.index] if is_near and may_be_content(block, 0, True) else ())
        elif block.chars <= _MAX_BEGINNING and block.text.endswith(_DASHES):
            is_begun = block.index + 1 in kept and not block.link_chars and not block.is_heading
            kept.update([block.index] if is_begun and block.chars >= _MIN_BEGINNING else ())
        elif block.link_chars < block.chars <= _MAX_SOURCE and _OPERATION.match(block.text):
            kept.update([block.index] if may_be_content(block, 0, False) else ())
        elif block.chars <= _MAX_SOURCE and _names_source(block):
            kept.update([block.index] if block.index - 1 in kept and _follows_quotation(page, block) else ())


def _names_source(block: Block) -> bool:
    return block.path[-1].partition(".")[0] in _SOURCES or block.inner.startswith("<cite>")


def _follows_quotation(page: Page, block: Block) -> bool:
    """Whether a block says who is quoted: it stands in a quotation, or behind one in the element that holds both."""
    if "blockquote" in block.path[:-1]:
        return True
    before = page.blocks[block.index - 2]
    depth = shared_depth(before, block)
    is_beside = len(block.nodes) - 1 <= depth < len(before.path)
    return is_beside and before.path[depth].partition(".")[0] == "blockquote"
