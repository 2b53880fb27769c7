"""What others say on a page: customers of a product, readers of an article. It is no part of the page's own text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from indexlm.page import Block, Page

_REVIEWS = re.compile(
    r"(?!.*\.(?:testimonials?|description|editorial|expert)\b)"
    r"(?:div|section|article|aside|ul|ol|li|table|form)\.(?:.*\.)?reviews?(?:\.|$)"
)
_OF_SHOP = re.compile(
    r"\.(?:.*\.)?(?:buybox|addtocart|add\.to\.(?:cart|bag|basket)|purchase|pdp"
    r"|product\.(?:price|details?|form|single|page|main|info|summary))(?:\.|$)"
)
"""Names of what only the page of a product has. `pdp` is short for product detail page."""
_COMMENTS = re.compile(r"(?:div|section|aside|ul|ol|li|article|form)\.(?:.*\.)?(?:comments?|commentlist|disqus)(?:\.|$)")
_OF_FORUM = re.compile(r"\.(?:.*\.)?(?:forum|topics?|questions?|answers?)(?:\.|$)")
_LEAST_REST = 100  # characters of a product's page beside its reviews; one with less is a page of reviews
_MOST_QUOTATIONS = 200
_LEAST_QUOTED = 20  # characters
_REPEATED_SHARE = 0.7  # of the characters of a quotation
_LEAST_TEXT, _LEAST_SHARE = 500, 0.15  # the same of an article beside its comments, and their share of all that is kept


def feedback(page: Page, indices: Iterable[int]) -> set[int]:
    """The blocks of customers' reviews on the page of a product, and of comments on an article.

    None where hardly any others of `indices` are left.
    """
    is_article = any("article" in kind or "blogposting" in kind for kind in page.kinds)
    if not is_article:
        return _beside(page, indices, _is_review, _LEAST_REST, 0.0) if _is_of_product(page) else set()
    if any("forum" in kind or kind == "qapage" for kind in page.kinds):
        return set()
    found = _beside(page, indices, _is_comment, _LEAST_TEXT, _LEAST_SHARE)
    return set() if any(map(_is_forum, set().union(*(page.blocks[i - 1].path for i in found)))) else found


def repeated_quotations(page: Page) -> set[int]:
    """The blocks of quotations that repeat what stands above them on the page, as answers in forums do."""
    inside: dict[int, list[Block]] = {}
    above: list[str] = []
    found: set[int] = set()
    for block in page.blocks:
        depth = next((i for i, label in enumerate(block.path) if label.partition(".")[0] == "blockquote"), None)
        if depth is not None:
            inside.setdefault(block.nodes[depth], []).append(block)
    if not inside:
        return found
    text, of_quotation = "", {block.index for blocks in inside.values() for block in blocks}
    quotations = sorted(inside.values(), key=lambda blocks: blocks[0].index)
    place = 0
    for blocks in quotations[:_MOST_QUOTATIONS]:
        first = blocks[0].index
        above = [_letters(block) for block in page.blocks[place : first - 1] if block.index not in of_quotation]
        text, place = text + "".join(above), first - 1
        repeated = sum(block.chars for block in blocks if len(part := _letters(block)) >= _LEAST_QUOTED and part in text)
        if repeated >= _REPEATED_SHARE * sum(block.chars for block in blocks):
            found.update(block.index for block in blocks)
    return found


def _letters(block: Block) -> str:
    return "".join(block.text.split())


def _beside(
    page: Page, indices: Iterable[int], is_named: Callable[[str], bool], least: int, least_share: float
) -> set[int]:
    """The blocks in elements of such names, if the others of `indices` have at least so many characters."""
    found = {block.index for block in page.blocks if any(map(is_named, block.path))}
    if not found:
        return found
    kept = {i: page.blocks[i - 1].chars for i in indices}
    rest = sum(chars for i, chars in kept.items() if i not in found)
    return found if rest >= max(least, least_share * sum(kept.values())) else set()


def _is_of_product(page: Page) -> bool:
    """Whether a page sells one thing: it says so itself, or has parts that are named so. An article may review it."""
    if any("product" in kind for kind in page.kinds):
        return True
    return any(map(_is_shop, set().union(*(block.path for block in page.blocks))))


@lru_cache(maxsize=8192)
def _is_review(label: str) -> bool:
    return "review" in label and _REVIEWS.match(label) is not None


@lru_cache(maxsize=8192)
def _is_comment(label: str) -> bool:
    return ("comment" in label or "disqus" in label) and _COMMENTS.match(label) is not None


@lru_cache(maxsize=8192)
def _is_shop(label: str) -> bool:
    return _OF_SHOP.search(label) is not None


@lru_cache(maxsize=8192)
def _is_forum(label: str) -> bool:
    return _OF_FORUM.search(label) is not None
