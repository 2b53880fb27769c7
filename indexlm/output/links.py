"""What becomes of a page's links in every format."""

from __future__ import annotations

import re
from dataclasses import replace

from indexlm.page import IndexLMError, Page

LINKS = ("absolute", "keep", "drop")
"""Links are made absolute by the page's address, kept as the page writes them, or dropped with their text kept."""
_ANCHOR = re.compile(r"<a href=\"[^\"]*\">|</a>")


def check_links(links: str) -> None:
    """Raise `IndexLMError` for none of `LINKS`."""
    if links not in LINKS:
        raise IndexLMError(f"links are {', '.join(LINKS)}; found {links!r}")


def with_links(page: Page, links: str) -> Page:
    """A page whose links are as `links` says. Its text stays the same."""
    check_links(links)
    if links == "keep":
        return replace(page, base_url="")
    if links == "drop":
        return replace(page, blocks=tuple(replace(b, inner=_ANCHOR.sub("", b.inner)) for b in page.blocks))
    return page
