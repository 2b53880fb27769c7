"""CSS selectors of a user: which blocks lie in the elements that they match."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from lxml import etree

from indexlm.html.locate import block_elements
from indexlm.page import IndexLMError, Page


@lru_cache(maxsize=256)
def compile_selector(selector: str) -> etree.XPath:
    """A CSS selector -> the XPath of what it matches. Raises `IndexLMError` for a selector that cannot be read."""
    from cssselect import HTMLTranslator, SelectorError

    try:
        return etree.XPath(HTMLTranslator().css_to_xpath(selector, prefix="descendant-or-self::"))
    except (SelectorError, etree.XPathError, ValueError, TypeError, AttributeError, RecursionError) as error:
        reason = f": {error}" if str(error) else ""
        raise IndexLMError(
            f"a selector is CSS, such as 'aside' or '.comments > p'; found {selector!r}{reason}"
        ) from None


def match_blocks(page: Page, source: str, selectors: Sequence[str]) -> tuple[set[int], list[str]]:
    """A page, its source and selectors -> the blocks that lie in a matched element, and the selectors without a match.

    A block lies in an element that holds all of its text: its own element, one around it, or one inside that holds
    nothing less.
    """
    if not selectors:
        return set(), []
    root, elements = block_elements(source)
    matches: dict[str, Any] = {
        selector: [] if root is None else compile_selector(selector)(root) for selector in selectors
    }
    inside: set[Any] = set()
    for match in (match for elements_of in matches.values() for match in elements_of):
        if match not in inside:
            inside.update(match.iter())
    by_element: dict[Any, list[str]] = {}  # the texts of matches that are no element of blocks, by the one around
    own = set(elements.values())
    for match in (match for elements_of in matches.values() for match in elements_of):
        around = next((e for e in (match, *match.iterancestors()) if e in own), None)
        if around is not None and around is not match:
            by_element.setdefault(around, []).append(_squashed(match.itertext()))
    indices = set()
    for block in page.blocks:
        element = elements.get(block.nodes[-1]) if block.nodes else None
        text = _squashed([block.text])
        if element is not None and (element in inside or any(text in other for other in by_element.get(element, ()))):
            indices.add(block.index)
    return indices, [selector for selector in selectors if not matches[selector]]


def _squashed(texts: Iterable[str]) -> str:
    return "".join("".join(texts).split())
