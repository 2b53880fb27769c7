"""Blocks that are kept because others like them are, or because they belong to kept text: code, links, sources."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from heads.content.furniture import is_furniture
from heads.content.surroundings import address_of
from indexlm.labels import list_node, shared_depth
from indexlm.page import Block, Page

NO_CONTENT = frozenset(["form", "nav", "footer"])
_MIN_SCORE = 0.2  # tree score of a block that is kept because those of its names are
_MIN_CODE_SCORE = 0.05  # tree score of code that is kept because it stands in kept text
_NEAR_CODE = 3  # blocks behind the last kept one
_MIN_ITEM_SCORE = 0.1  # tree score of an item that is kept because its list is most of the page
_MIN_ITEMS = 0.2  # of such a list, kept
_MIN_LIST = 40  # characters of it
_MAX_REST = 60  # characters of a page of which a list of links is most
_MIN_LINK_SCORE = 0.2  # tree score of a link to another site below a heading of kept text
_MIN_TEXT = 40  # characters of a text to which such links belong
_ADDRESS = re.compile(r"href=\"https?://([^/\"?#]+)")
_MIN_PARAGRAPH_SCORE, _MIN_PARAGRAPH = 0.15, 20  # tree score and characters of a paragraph beside kept text
_FIGURES = frozenset(["figure", "figcaption", "td", "th"])
_UNLIKE = re.compile(r"comment|caption")
"""Names of parts of which some are content and others are not."""
_MIN_BEGINNING, _MAX_BEGINNING = 4, 60  # characters of a place and a date before a text
_MAX_SOURCE, _SOURCES = 120, frozenset(["footer", "cite", "figcaption"])  # characters and tags of who is quoted
_DASHES = ("—", "–", "-", "―")
_OPERATION = re.compile(r"(?:get|post|put|patch|delete|head|options|trace)\s?/\S*", re.IGNORECASE)


def keep_alike(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep what stands in elements of the names in which most is kept, as in each post, if the trees allow it."""
    places: defaultdict[tuple[str, ...], list[Block]] = defaultdict(list)
    for block in page.blocks:
        if 2 * block.link_chars <= block.chars:
            places[block.path[-2:]].append(block)
    for names, like in places.items():
        count = sum(block.index in kept for block in like)
        if not len(like) <= 2 * count < 2 * len(like) or not any("." in label for label in names):
            continue
        kept.update(
            block.index
            for block in like
            if tree_scores[block.index - 1] >= _MIN_SCORE
            and not block.hidden
            and may_be_content(block, 0, False)
            and not any(map(_UNLIKE.search, block.path))
        )


def keep_main_list(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep all of a list that is longer than all else that is kept, if the trees allow it.

    So is a list of links where hardly anything else is kept.
    """
    begun = {list_node(page.blocks[i - 1]) for i in kept if page.blocks[i - 1].tag == "li"}
    if not begun:
        return
    lists: defaultdict[int, list[Block]] = defaultdict(list)
    for block in page.blocks:
        if block.tag == "li" and (node := list_node(block)) in begun:
            lists[node].append(block)
    chars = sum(page.blocks[i - 1].chars for i in kept)
    for items in lists.values():
        own = [block for block in items if block.index in kept]
        if not _MIN_ITEMS * len(items) < len(own) < len(items):
            continue
        rest = chars - sum(block.chars for block in own)
        size = sum(block.chars for block in items)
        if size >= max(rest, _MIN_LIST) and (rest < _MAX_REST or 2 * sum(block.link_chars for block in items) <= size):
            kept.update(b.index for b in items if tree_scores[b.index - 1] >= _MIN_ITEM_SCORE and not b.hidden)


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
            and all(_leads_elsewhere(page, block) and not block.hidden for block in items)
        ):
            kept.update(block.index for block in items)


def _is_text(block: Block) -> bool:
    return block.chars >= _MIN_TEXT and 2 * block.link_chars <= block.chars


def _leads_elsewhere(page: Page, block: Block) -> bool:
    """Whether a block has links, and each leads to another site than that of the page."""
    own = ".".join((address_of(page).hostname or "").split(".")[-2:])
    hosts = _ADDRESS.findall(block.inner)
    return len(hosts) == block.inner.count("<a ") > 0 and not any(own and host.endswith(own) for host in hosts)


def keep_paragraphs(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep a paragraph without names or links directly before or behind kept text, in an element around that."""
    for i in sorted(kept):
        text = page.blocks[i - 1]
        for block in (*page.blocks[max(i - 2, 0) : i - 1], *page.blocks[i : i + 1]):
            if (
                block.index not in kept
                and block.tag == "p"
                and block.path[-1] == "p"
                and block.chars >= _MIN_PARAGRAPH
                and tree_scores[block.index - 1] >= _MIN_PARAGRAPH_SCORE
                and not (block.link_chars or block.hidden)
                and text.nodes[: len(block.nodes) - 1] == block.nodes[:-1]
                and may_be_content(block, 0, False)
                and tags_around(block, 0).isdisjoint(_FIGURES)
                and not any(map(_UNLIKE.search, block.path))
            ):
                kept.add(block.index)


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


def tags_around(block: Block, depth: int) -> set[str]:
    """The tags of the elements around a block below that depth, and its own."""
    return {label.partition(".")[0] for label in block.path[depth:]}


def may_be_content(block: Block, depth: int, is_between: bool) -> bool:
    """Whether a block is no list of links and no furniture, and below that depth in no form or menu.

    An aside may be content where it stands between kept blocks.
    """
    around = tags_around(block, depth)
    is_inside = around.isdisjoint(NO_CONTENT) and (is_between or "aside" not in around)
    return is_inside and 2 * block.link_chars <= block.chars and not is_furniture(block)
