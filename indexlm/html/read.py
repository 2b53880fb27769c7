"""HTML to a `Page`."""

from __future__ import annotations

from indexlm.html.copies import without_copies
from indexlm.html.decode import decode
from indexlm.html.metadata import read_metadata
from indexlm.html.parse import find_body, parse
from indexlm.html.walk import walk
from indexlm.page import Page


def read_page(html: bytes | str, url: str = "", query: str = "") -> Page:
    """HTML -> its numbered blocks and what the page says of itself.

    `url` is the page's address; without it, the address that the page states stands in. A `query` makes the page a QE
    task. Never raises on content: a page without text has no blocks.
    """
    root = parse(decode(html) if isinstance(html, bytes) else html)
    if root is None:
        return Page((), url=url, query=query, base_url=url)
    metadata = read_metadata(root, url)
    return Page(tuple(without_copies(walk(root, find_body(root)))), query=" ".join(query.split()), **metadata._asdict())
