"""HTML to a `Page`: decode, parse, walk, and what the page says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin

from indexlm.html.decode import decode
from indexlm.html.parse import CONTROL, find_body, parse
from indexlm.html.walk import walk
from indexlm.page import Page

__all__ = ["read_page"]

_JSON_TYPE = re.compile(r'"@type"\s*:\s*\[?\s*"(?:https?://schema\.org/)?(\w+)"')


def _meta(elements: Iterable[Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in elements:
        key, value = meta.get("property") or meta.get("name") or meta.get("http-equiv"), meta.get("content")
        if key and value:
            found.setdefault(key.lower(), value.strip())
    return found


def _collapse(text: str) -> str:
    return " ".join(text.split())


def read_page(html: bytes | str, url: str = "", query: str = "") -> Page:
    """HTML -> its numbered blocks. Never raises on content: a page without text has no blocks.

    `url` resolves relative links; where it is empty, the address that the page states of itself
    (`rel=canonical`, `og:url`) stands in. A `query` makes the page a QE task.
    """
    root = parse(decode(html) if isinstance(html, bytes) else html)
    if root is None:
        return Page((), url=url, query=query, base_url=url)
    stated: dict[str, list[Any]] = {"meta": [], "link": [], "base": [], "script": []}
    for element in root.iter(*stated):
        stated[element.tag].append(element)
    meta = _meta(stated["meta"])
    canonical = next((link.get("href") for link in stated["link"] if link.get("rel") == "canonical"), None)
    url = url or (canonical or meta.get("og:url") or "").strip()
    base = next((element.get("href") for element in stated["base"] if element.get("href")), "")
    titles = (
        _collapse(CONTROL.sub(" ", "".join(element.itertext())))
        for element in root.iter("title")
        if element.getparent().tag != "svg"
    )
    kinds = [meta.get("og:type", "")]
    for script in stated["script"]:
        if "ld+json" in (script.get("type") or ""):
            kinds += _JSON_TYPE.findall(script.text or "")
    return Page(
        blocks=tuple(walk(find_body(root))),
        url=url,
        title=next(filter(None, titles), "") or meta.get("og:title", ""),
        query=_collapse(query),
        lang=(root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip()
        or meta.get("content-language", ""),
        base_url=_join(url, base),
        kinds=tuple(dict.fromkeys(kind.lower() for kind in kinds if kind)),
    )


def _join(url: str, base: str) -> str:
    try:
        return urljoin(url, base)
    except ValueError:
        return url
