"""Any input to a `Page`."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

from lxml import etree

from indexlm.html.hidden.copies import without_copies
from indexlm.html.metadata.essentials import read_metadata
from indexlm.html.parse import find_body, parse
from indexlm.html.walk import walk
from indexlm.inputs.document import Document, Warn, as_html
from indexlm.inputs.doubts import is_prose, page_warnings
from indexlm.inputs.phrases import NEEDS_SCRIPTS
from indexlm.inputs.read import Input, read_document
from indexlm.inputs.scripts import Fallback, find_fallback
from indexlm.limits import LIMITS, Limits, cut_tags
from indexlm.page import Block, IndexLMError, Page

_LITTLE_PROSE = 200  # characters; a page with more needs no text from its scripts
_LITTLE_TEXT = 2000
_MOST_OF_HEAD = 500  # elements
_NO_TEXT = 40  # characters; a page with no more shows nothing


def read_page(html: Input, url: str = "", query: str = "") -> Page:
    """A page in any form -> its numbered blocks and what it says of itself.

    `html` is HTML, or anything else that can be read: see `indexlm.inputs.read`. `url` is the page's address; without
    it, the address that the page states stands in. A `query` makes the page a QE task. Never raises on content: what
    cannot be read is a page without blocks, with a warning that says why.
    """
    try:
        document = read_document(html, url=url)
    except IndexLMError as error:
        warning = Warn.NO_TEXT.because(str(error))
        return Page((), url=url, query=" ".join(query.split()), base_url=url, warnings=(warning,))
    return to_page(document, url, query)[0]


def to_page(document: Document, url: str = "", query: str = "", limits: Limits = LIMITS) -> tuple[Page, str]:
    """A document -> its page, and the HTML that the blocks stand in. `url` and `query` as in `read_page`."""
    url, query = url or document.url, " ".join(query.split())
    html = cut_tags(document.html, limits.tags)
    if len(html) < len(document.html):
        reason = Warn.LIMIT.because(
            f"a page is read to its tag {limits.tags}; {len(document.html) - len(html)} of "
            f"{len(document.html)} characters are left out"
        )
        document = replace(document, html=html, warnings=(*document.warnings, reason))
    root = parse(document.html)
    if root is None:
        reason = "the page holds no text" if document.html.strip() else "the input is empty"
        warnings = (*document.warnings, Warn.NO_TEXT.because(reason))
        return Page((), url=url, query=query, base_url=url, warnings=warnings), document.html
    metadata = read_metadata(root, url)
    walked = walk(root, find_body(root), limits=limits)
    if reason := _cut_reason(walked, limits):
        document = replace(document, warnings=(*document.warnings, Warn.LIMIT.because(reason)))
    blocks = without_copies(walked[: limits.blocks])
    page = Page(tuple(blocks), query=query, whole=document.whole, **metadata._asdict())
    if document.whole:
        missing = () if blocks else (Warn.NO_TEXT.because("the input holds no text"),)
        return replace(page, warnings=(*document.warnings, *missing)), document.html
    warnings = (*document.warnings, *page_warnings(root, blocks, document.html, page.title, page.url))
    if fallback := _fallback(root, blocks):
        article = f'<article class="fallback">{fallback.html}</article>'
        shown, source = to_page(Document(as_html(article, head=_head(root))))
        reason = Warn.NEEDS_JAVASCRIPT.because(f"the text is from {fallback.origin}; the page itself shows hardly any")
        others = [w for w in warnings if not w.startswith((Warn.NEEDS_JAVASCRIPT, Warn.NO_TEXT))]
        blocks = [replace(block, line=fallback.line) for block in shown.blocks]
        return replace(page, blocks=tuple(blocks), whole=True, warnings=(reason, *others)), source
    return (replace(page, warnings=warnings) if warnings else page), document.html


def _cut_reason(blocks: list[Block], limits: Limits) -> str:
    """Why what follows the blocks is left out; nothing for a page that is whole."""
    if len(blocks) > limits.blocks:
        return f"a page is read to its block {limits.blocks}; what follows is left out"
    return f"the time was over at block {len(blocks)}; what follows is left out" if limits.is_late else ""


def _head(root: Any) -> str:
    """What a page's elements say of it, for a page of the text of its scripts."""
    return "".join(
        etree.tostring(element, encoding="unicode", method="html", with_tail=False)
        for element in islice(root.iter("title", "meta", "link", "script"), _MOST_OF_HEAD)
        if element.tag != "script" or "ld+json" in (element.get("type") or "")
    )


def _needs_scripts(text: str) -> bool:
    return "script" in text.lower() and NEEDS_SCRIPTS.search(text) is not None  # the first is much faster


def _fallback(root: Any, blocks: list[Block]) -> Fallback | None:
    """The text of a page's scripts, if the page itself shows hardly any and not the same."""
    if sum(block.chars for block in blocks) >= 2 * _LITTLE_TEXT:  # so much is no notice that it needs scripts
        return None
    blocks = [block for block in blocks if not _needs_scripts(block.text[:_LITTLE_PROSE])]
    prose = sum(block.chars for block in blocks if is_prose(block))
    size = sum(block.chars for block in blocks)
    if prose >= _LITTLE_PROSE or size >= _LITTLE_TEXT:
        return None
    fallback = find_fallback(root.iter("script"), articles_only=size >= _LITTLE_PROSE)
    least = _LITTLE_PROSE if size > _NO_TEXT else 0
    if fallback is None or len(fallback.html) < max(least, 2 * prose):
        return None
    letters = "".join("".join(block.text.split()) for block in blocks)
    is_shown = any(letter_run in letters for letter_run in fallback.samples)
    return None if is_shown else fallback
